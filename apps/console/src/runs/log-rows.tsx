import type { LogLine } from '@at/contracts/logs';
import { Button, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  memo,
  type ReactNode,
  type Ref,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { Link } from 'react-router';
import { createPreference } from '#state/preferences.ts';
import { isBoolean, useStore } from '#state/store.ts';
import { useMinute } from '#state/use-minute.ts';
import { formatDuration, formatExactClock, formatInteger, formatMoment, formatRelative, timeOf } from '#ui/format.ts';
import { useIsPhone } from '#ui/use-is-phone.ts';
import { taskName } from './describe-run.ts';
import type { LogBook } from './log-book.ts';
import { fieldsOf, keyOfLine, type LogRow, visible } from './log-lines.ts';
import { logTexts as texts } from './log-texts.ts';
import { nameShown, shownNames } from './name-subjects.ts';
import { Subject } from './run-parts.tsx';
import styles from './runs.module.css';

export const isRelative = createPreference('log-relative', false, isBoolean);

/** Pixels: as in the style sheet, or each measured row would move all that follow; how near the end and the top count. */
const sizes = { line: 19, padding: 2, part: 27, end: 24, top: 600 };

function estimate(row: LogRow, hasOwnLine: boolean): number {
  if (row.type === 'part') return sizes.part;
  if (row.type === 'gap') return sizes.line + sizes.padding;
  const breaks = row.line.message.split('\n').length - 1;
  const lines = 1 + breaks + Number(fieldsOf(row.line).stack !== undefined) + Number(hasOwnLine);
  return lines * sizes.line + sizes.padding;
}

/** A text with the searched words marked. */
function Marked({ text, words }: { text: string; words: string }) {
  if (words === '') return text;
  const parts: ReactNode[] = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(words); at !== -1; at = lower.indexOf(words, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + words.length)}</mark>);
    from = at + words.length;
  }
  return (
    <>
      {parts}
      {text.slice(from)}
    </>
  );
}

/** The address of a line in its run, beside this page. */
function lineAddress(line: LogLine): string {
  const parameters = new URLSearchParams(location.search);
  parameters.set('run', line.run_id);
  parameters.set('run_tab', 'log');
  return `?${parameters}#L${keyOfLine(line)}`;
}

const Line = memo(function Line({
  line,
  number,
  begin,
  words,
  isOfRun,
  onSelect,
}: {
  line: LogLine;
  number: number | null;
  /** When the first line was written; undefined: relative times are those before now. */
  begin: number | undefined;
  words: string;
  isOfRun: boolean;
  onSelect: (key: string) => void;
}) {
  const relative = useStore(isRelative);
  const names = useStore(shownNames);
  const { text, stack } = fieldsOf(line);
  const address = `${location.pathname}${location.search}#L${number ?? keyOfLine(line)}`;
  const since =
    begin === undefined ? formatRelative(line.timestamp) : texts.since(formatDuration(timeOf(line.timestamp) - begin));
  return (
    <>
      {isOfRun && (
        <a
          className={styles.number}
          href={address}
          aria-label={texts.lineLink(formatInteger(number))}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey) return;
            event.preventDefault();
            onSelect(keyOfLine(line));
            history.replaceState(history.state, '', address);
          }}
        >
          {number ?? '·'}
        </a>
      )}
      <time className={styles.time} dateTime={line.timestamp} title={formatMoment(line.timestamp)}>
        {relative ? since : formatExactClock(line.timestamp)}
      </time>
      <span className={styles.level}>{texts.levels[line.level]}</span>
      {!isOfRun && (
        <Link
          className={styles.source}
          to={lineAddress(line)}
          state={{ fromList: true }}
          preventScrollReset
          title={texts.toRun(taskName(line.source))}
        >
          {taskName(line.source)}
        </Link>
      )}
      <div className={styles.message}>
        {!isOfRun && line.subject_id !== null && (
          <span className={styles.about}>
            <Subject run={line} names={names} />
          </span>
        )}
        <bdi>
          <Marked text={visible(line.message)} words={words} />
        </bdi>
        {text && (
          <bdi className={styles.fields}>
            <Marked text={visible(text)} words={words} />
          </bdi>
        )}
        {stack && (
          <details>
            <summary>{texts.stack}</summary>
            {visible(stack)}
          </details>
        )}
      </div>
    </>
  );
});

/** What the viewer does with its rows. */
export type LogList = { show: (index: number) => void; follow: () => void };

/** The rows on screen. They follow the end until a reader scrolls up. */
export const LogRows = memo(function LogRows({
  ref,
  rows,
  book,
  added,
  selected,
  onSelect,
  words,
  isOfRun,
  doesWrap,
  onFold,
}: {
  ref: Ref<LogList>;
  rows: readonly LogRow[];
  book: LogBook;
  /** Lines that have come since the log was opened. */
  added: number;
  selected: string | null;
  onSelect: (key: string) => void;
  words: string;
  isOfRun: boolean;
  doesWrap: boolean;
  onFold: (key: string) => void;
}) {
  useMinute();
  const [isFollowing, setFollowing] = useState(true);
  const pausedAt = useRef(0);
  const box = useRef<HTMLDivElement>(null);
  const hasOwnLine = useIsPhone() && doesWrap;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => estimate(rows[index] as LogRow, hasOwnLine),
    getItemKey: (index) => (rows[index] as LogRow).key,
    overscan: 10,
  });
  const height = virtualizer.getTotalSize();

  const pause = () => {
    if (!isFollowing) return;
    pausedAt.current = added;
    setFollowing(false);
  };
  const follow = () => setFollowing(true);
  // Other lines begin at their end.
  useLayoutEffect(() => setFollowing(book !== undefined), [book]);
  useImperativeHandle(ref, () => ({
    follow,
    show: (index) => {
      // Where all lines are seen there is no end to go to.
      if (box.current && box.current.scrollHeight > box.current.clientHeight) pause();
      virtualizer.scrollToIndex(index, { align: 'center' });
    },
  }));

  /** What was at the top of the box, so that older lines do not move it. */
  const anchor = useRef<{ key: string; offset: number; first: string | undefined } | undefined>(undefined);
  const lastTop = useRef(0);
  const onScroll = () => {
    const { current: element } = box;
    if (!element) return;
    const { scrollTop, scrollHeight, clientHeight } = element;
    if (scrollHeight - scrollTop - clientHeight < sizes.end) follow();
    else if (scrollTop < lastTop.current - 1) pause();
    lastTop.current = scrollTop;
    if (!isOfRun && scrollTop < sizes.top) void book.loadOlder();
    const top = virtualizer.getVirtualItemForOffset(scrollTop);
    anchor.current = top && { key: String(top.key), offset: scrollTop - top.start, first: rows[0]?.key };
  };

  useLayoutEffect(() => {
    const { current: element } = box;
    if (!element || height === 0) return;
    if (isFollowing) {
      element.scrollTop = element.scrollHeight;
      lastTop.current = element.scrollTop;
      return;
    }
    const { current: held } = anchor;
    if (!held || held.first === rows[0]?.key) return;
    const index = rows.findIndex(({ key }) => key === held.key);
    const [start] = (index === -1 ? undefined : virtualizer.getOffsetForIndex(index, 'start')) ?? [];
    if (start === undefined) return;
    anchor.current = { ...held, first: rows[0]?.key };
    element.scrollTop = start + held.offset;
    lastTop.current = element.scrollTop;
  }, [rows, height, isFollowing, virtualizer]);

  const first = rows.find((row) => row.type === 'line')?.line;
  const begin = isOfRun && first ? timeOf(first.timestamp) : undefined;
  const fresh = isFollowing ? 0 : added - pausedAt.current;
  const items = virtualizer.getVirtualItems();
  useEffect(() => {
    if (isOfRun) return;
    nameShown(items.flatMap(({ index }) => (rows[index]?.type === 'line' ? rows[index].line : [])));
  }, [isOfRun, rows, items]);
  return (
    <div className={styles.frame}>
      <div
        ref={box}
        className={styles.box}
        role="log"
        aria-live="off"
        aria-label={texts.log}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
        tabIndex={0}
        data-wraps={doesWrap}
        onScroll={onScroll}
      >
        <div className={styles.all} style={{ height }}>
          <div className={styles.window} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map(({ index, key }) => {
              const row = rows[index] as LogRow;
              return (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  className={styles.row}
                  data-index={index}
                  data-type={row.type}
                  data-level={row.type === 'line' ? row.line.level : undefined}
                  data-selected={row.key === selected}
                >
                  {row.type === 'gap' && texts.missing(row.missing, formatInteger(row.missing))}
                  {row.type === 'part' && (
                    <UnstyledButton
                      className={styles.part ?? ''}
                      aria-expanded={!row.isFolded}
                      onClick={() => {
                        pause();
                        onFold(row.key);
                      }}
                    >
                      {row.isFolded ? <IconChevronRight size={14} /> : <IconChevronDown size={14} />}
                      {texts.part(row.line.ref ?? taskName(row.line.source), formatInteger(row.line.attempt))}
                      <span>{texts.partLines(row.lines, formatInteger(row.lines))}</span>
                    </UnstyledButton>
                  )}
                  {row.type === 'line' && (
                    <Line
                      line={row.line}
                      number={row.number}
                      begin={begin}
                      words={words}
                      isOfRun={isOfRun}
                      onSelect={onSelect}
                    />
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {!isFollowing && (
        <Button
          className={styles.toEnd ?? ''}
          size="compact-sm"
          leftSection={<IconArrowDown size={14} />}
          onClick={follow}
        >
          {fresh > 0 ? texts.added(fresh, formatInteger(fresh)) : texts.toEnd}
        </Button>
      )}
    </div>
  );
});
