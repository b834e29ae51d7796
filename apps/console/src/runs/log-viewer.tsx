import type { LogLine } from '@at/contracts/logs';
import { logLevels } from '@at/contracts/vocabulary';
import { ActionIcon, Button, Skeleton, TextInput } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconClock,
  IconCopy,
  IconDownload,
  IconSearch,
  IconTextWrap,
} from '@tabler/icons-react';
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useKeys } from '#keys/bindings.ts';
import { createPreference } from '#state/preferences.ts';
import { isBoolean, useStore } from '#state/store.ts';
import { copyText } from '#ui/copy-text.ts';
import { download } from '#ui/download.ts';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import type { LogBook } from './log-book.ts';
import { logKeys } from './log-keys.ts';
import { fileLine, type LogRow, rowsOfAll, rowsOfRun, searchText } from './log-lines.ts';
import { isRelative, type LogList, LogRows } from './log-rows.tsx';
import { logTexts as texts } from './log-texts.ts';
import styles from './runs.module.css';

type Level = LogLine['level'];

/** On a phone a line would show two words of its message. */
const wraps = createPreference('log-wrap', true, isBoolean);

export type LogViewerProps = {
  book: LogBook;
  /** Of one run: attempts can be folded, lines have numbers, and levels narrow what is loaded. */
  isOfRun?: boolean;
  isInDialog?: boolean;
  /** None: all. */
  levels: readonly Level[];
  onLevels: (levels: Level[]) => void;
  words: string;
  onWords: (words: string) => void;
  /** Beside the levels. */
  filters?: ReactNode;
  /** What is shown where no line is. */
  none?: ReactNode;
  /** The file's name, without its extension. */
  name: string;
};

/** Log lines: they follow the end until a reader scrolls up. */
export function LogViewer(props: LogViewerProps) {
  const { book, isOfRun = false, isInDialog = false, levels, onLevels, words: typed, onWords, filters, name } = props;
  const { lines: loaded, added, hasOlder, isFull, isLoading, error } = useStore(book.state);
  // For the moment before the lines of another query are there.
  const held = useRef(loaded);
  if (loaded.length > 0 || !isLoading) held.current = loaded;
  const { current: lines } = held;
  const doesWrap = useStore(wraps);
  const relative = useStore(isRelative);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const [selected, setSelected] = useState<string | null>(null);
  const list = useRef<LogList>(null);
  const input = useRef<HTMLInputElement>(null);
  const words = useDeferredValue(typed.trim().toLowerCase());

  const isWhole = !hasOlder && !isLoading;
  const rows = useMemo(
    () =>
      isOfRun
        ? rowsOfRun(lines, isWhole, ({ level }) => levels.length === 0 || levels.includes(level), folded)
        : rowsOfAll(lines),
    [lines, isOfRun, isWhole, levels, folded],
  );
  const shown = useMemo(() => rows.flatMap((row) => (row.type === 'line' ? [row.line] : [])), [rows]);
  const matches = useMemo(
    () =>
      words === ''
        ? []
        : rows.flatMap((row, index) => (row.type === 'line' && searchText(row.line).includes(words) ? [index] : [])),
    [rows, words],
  );
  const show = (index: number) => {
    const row = rows[index];
    if (!row) return;
    setSelected(row.key);
    list.current?.show(index);
  };
  const fold = useCallback(
    (key: string) =>
      setFolded((before) => new Set(before.has(key) ? [...before].filter((one) => one !== key) : [...before, key])),
    [],
  );
  const follow = () => list.current?.follow();

  // Where it opens: at the line of the address, else at the first error, else at the end.
  const isPlaced = useRef(false);
  useEffect(() => {
    if (isPlaced.current || !isOfRun || !(isWhole || isFull)) return;
    isPlaced.current = true;
    const [, wanted] = /^#L(.+)$/.exec(location.hash) ?? [];
    const isWanted = (row: LogRow) => row.type === 'line' && (`${row.number}` === wanted || row.key === wanted);
    const linked = wanted === undefined ? -1 : rows.findIndex(isWanted);
    show(linked === -1 ? rows.findIndex((row) => row.type === 'line' && row.line.level === 'error') : linked);
  }, [isOfRun, isWhole, isFull, rows]);

  const place = useMemo(() => rows.findIndex(({ key }) => key === selected), [rows, selected]);
  const current = matches.indexOf(place);
  const step = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const next = by === 1 ? matches.find((index) => index > place) : matches.findLast((index) => index < place);
    show(next ?? ((by === 1 ? matches[0] : matches.at(-1)) as number));
  };
  const toggle = (level: Level) =>
    onLevels(logLevels.filter((one) => (one === level ? !levels.includes(one) : levels.includes(one))));
  const severe: Level[] = ['warn', 'error'];
  useKeys(isInDialog ? { ...logKeys, dialog: true } : logKeys, {
    search: () => input.current?.focus(),
    match: () => step(1),
    before: () => step(-1),
    errors: () => onLevels(levels.join() === severe.join() ? [] : severe),
    end: follow,
  });

  const text = () => shown.map(fileLine).join('\n');
  const button = (
    label: string,
    Icon: typeof IconCopy,
    act: () => void,
    state?: { pressed?: boolean; disabled?: boolean },
  ) => (
    <ActionIcon
      variant={state?.pressed ? 'light' : 'default'}
      size={30}
      aria-label={label}
      data-tooltip={label}
      aria-pressed={state?.pressed}
      disabled={state?.disabled ?? false}
      onClick={act}
    >
      <Icon size={16} />
    </ActionIcon>
  );
  return (
    <section className={styles.viewer} aria-label={texts.log}>
      <div className={styles.tools}>
        {filters}
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has a frame of its own */}
        <div className={styles.levels} role="group" aria-label={texts.levelsLabel}>
          {logLevels.map((level) => (
            <Button
              key={level}
              size="compact-sm"
              variant={levels.includes(level) ? 'light' : 'default'}
              aria-pressed={levels.includes(level)}
              onClick={() => toggle(level)}
            >
              {texts.levels[level]}
            </Button>
          ))}
        </div>
        <TextInput
          ref={input}
          className={styles.search ?? ''}
          size="xs"
          type="search"
          aria-label={texts.search}
          placeholder={texts.search}
          leftSection={<IconSearch size={14} />}
          value={typed}
          maxLength={500}
          onChange={(event) => onWords(event.currentTarget.value)}
          // Escape leaves the search, not the drawer around it.
          data-mantine-stop-propagation
          onKeyDown={(event) => {
            if (event.key === 'Enter') step(event.shiftKey ? -1 : 1);
            else if (event.key === 'Escape') {
              // Browsers would clear it, and there would be no next match.
              event.preventDefault();
              event.currentTarget.blur();
            }
          }}
        />
        {words !== '' && (
          <span className={styles.foot} role="status">
            {matches.length === 0
              ? texts.noMatch
              : texts.matches(formatInteger(current + 1), formatInteger(matches.length))}
          </span>
        )}
        <div className={styles.acts}>
          {button(texts.previous, IconArrowUp, () => step(-1), { disabled: matches.length === 0 })}
          {button(texts.next, IconArrowDown, () => step(1), { disabled: matches.length === 0 })}
          {button(texts.relative, IconClock, () => isRelative.set(!relative), { pressed: relative })}
          {button(texts.wrap, IconTextWrap, () => wraps.set(!doesWrap), { pressed: doesWrap })}
          {button(texts.copy, IconCopy, () => void copyText(text(), texts.lines), { disabled: shown.length === 0 })}
          {button(texts.download, IconDownload, () => download(`${name}.log`, 'text/plain', `${text()}\n`), {
            disabled: shown.length === 0,
          })}
        </div>
      </div>
      {error !== undefined && (
        <LoadFailure
          what={texts.theLog}
          error={error}
          retry={() => (lines.length > 0 ? book.loadOlder() : book.reload())}
        />
      )}
      {isFull && <p className={styles.foot}>{texts.full(formatInteger(lines.length))}</p>}
      {rows.length === 0 && error === undefined ? (
        isLoading ? (
          <Skeleton height={200} radius="md" role="status" aria-label={texts.loading} />
        ) : (
          <div className={styles.foot}>{lines.length > 0 ? texts.noneShown : (props.none ?? texts.none)}</div>
        )
      ) : (
        <LogRows
          ref={list}
          rows={rows}
          book={book}
          added={added}
          selected={selected}
          onSelect={setSelected}
          words={words}
          isOfRun={isOfRun}
          doesWrap={doesWrap}
          onFold={fold}
        />
      )}
    </section>
  );
}
