import { exportMovies } from '@at/contracts/movies';
import { Button, Group, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { defaultRangeExtractor, type Range, useWindowVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useNavigation } from 'react-router';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { describeRange, describeStaying, ListLine, totalOf } from '#lists/pager.tsx';
import { UndoLast } from '#lists/undo-last.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { useLiveRows } from '#live/use-live-rows.ts';
import { useStore } from '#state/store.ts';
import { labelRow, overlays } from '#titles/title-changes.ts';
import { SelectedTitles, SelectTitles, useTitleList } from '#titles/title-list.tsx';
import row from '#titles/title-row.module.css';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { TitleRow, titleColumns } from '#titles/title-row.tsx';
import { exportNote, formatThreshold, useOperatingThreshold } from '#titles/verdict.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { predictedTitleKeys } from './keys.ts';
import { rowParts } from './row-parts.tsx';
import { fetchTitles, type PredictedTitle, type Rows } from './rows.ts';
import { predictionTexts as texts } from './texts.ts';
import styles from './title-list.module.css';
import { bulkFilter, describeView, listQuery, type PredictionsView, predictionsView, stillMatches } from './view.ts';

const shownColumns = titleColumns(
  ['ratings', 'genre', 'countries', 'runtime', 'review'],
  ['language', 'imdb_rating', 'imdb_id', 'added', 'updated'],
);

/** Labels set here never touch files and torrents. */
const labelActs = {
  would_watch: { action: 'update', change: { label: 'would_watch' } },
  would_not_watch: { action: 'update', change: { label: 'would_not_watch' } },
} as const;

/** Pixels, before a row has been measured. */
const estimated = 77;
/** Pixels at the ends of the window that a banner, the API line and the selection bar cover. */
const covered = { top: 8, bottom: 56, selection: 56 };
/** The most rows that one request adds. */
const mostAtOnce = 200;

/** The list that was shown last, so that the way back finds each row in its place. */
let latest: { list: string; sizes: VirtualItem[]; height: number } | undefined;

const keyOf = ({ imdb_id }: PredictedTitle) => imdb_id;
const versionOf = ({ updated_at }: PredictedTitle) => updated_at;

/** The distance of the list from the top of the document, which changes with the content above it; null until it is measured. */
function useOffset() {
  const element = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState<number | null>(null);
  useLayoutEffect(() => {
    const measure = () => {
      const top = element.current?.getBoundingClientRect().top;
      if (top !== undefined) setOffset(Math.round(top + window.scrollY));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    measure();
    return () => observer.disconnect();
  }, []);
  return { element, offset };
}

/** The titles with their predictions; only those near the window are rendered. */
export function TitleList({
  view,
  list,
  threshold,
  onChange,
}: {
  /** The view of the rows. */
  view: PredictionsView;
  list: Rows;
  /** null: unknown. */
  threshold: number | null;
  onChange: ChangeView<PredictionsView>;
}) {
  const { state } = useNavigation();
  const all = useStore(overlays);
  const live = useLiveRows({
    rows: list.titles,
    keyOf,
    versionOf,
    touches: (event) => event.imdb_ids ?? 'many',
    fetchRows: fetchTitles,
    findNew: (ids, signal) => fetchTitles(ids, signal, listQuery(view)),
    isKnown: (row) => all.get(row.imdb_id)?.version === row.updated_at,
    types: ['title.changed', 'prediction.changed'],
  });
  const filter = bulkFilter(view);
  // More rows or another threshold leave the same list on the screen.
  const name = JSON.stringify(listQuery(view));
  const operating = useOperatingThreshold();
  const { titles, index, selection, undoable, runs, idle, propsOf } = useTitleList({
    live,
    list: name,
    filter: JSON.stringify(filter),
    label: labelRow,
    onMove: (to) => virtualizer.scrollToIndex(to, { align: 'auto' }),
  });
  const isLeft = (title: PredictedTitle) =>
    live.gone.has(title.imdb_id) || !stillMatches(view, view.threshold ?? operating, title);
  const left = titles.filter(isLeft).length;
  const total = totalOf({ pagination: list, left });
  const columns = useColumns('predictions', shownColumns);
  const parts = useMemo(() => rowParts(threshold, view.cells), [threshold, view.cells]);

  const { element, offset } = useOffset();
  const isPrinted = useMediaQuery('print', false, { getInitialValueInEffect: false });
  const [before] = useState(() => (latest?.list === name ? latest : undefined));
  const virtualizer = useWindowVirtualizer({
    // Until the router has set the place of the window, the list would keep that of the page before.
    enabled: offset !== null,
    count: titles.length,
    estimateSize: () => estimated,
    initialMeasurementsCache: before?.sizes ?? [],
    overscan: isPrinted ? titles.length : 8,
    scrollMargin: offset ?? 0,
    scrollPaddingStart: covered.top,
    scrollPaddingEnd: covered.bottom + (selection.isEmpty ? 0 : covered.selection),
    getItemKey: (row) => titles[row]?.imdb_id ?? row,
    // The row with the focus stays rendered while it is scrolled away.
    rangeExtractor: useCallback(
      (range: Range) =>
        [...new Set([...defaultRangeExtractor(range), ...(index < 0 ? [] : [index])])].sort((a, b) => a - b),
      [index],
    ),
  });

  useEffect(
    () => () => {
      latest = { list: name, sizes: virtualizer.takeSnapshot(), height: virtualizer.getTotalSize() };
    },
    [virtualizer, name],
  );

  // A link to a title scrolls to it.
  const linked = useRef(index);
  const isPlaced = offset !== null;
  useEffect(() => {
    if (isPlaced && linked.current > 0) virtualizer.scrollToIndex(linked.current, { align: 'center' });
  }, [virtualizer, isPlaced]);
  const unloaded = Math.max(0, (list.total ?? 0) - titles.length);
  const piece = Math.min(mostAtOnce, titles.length, unloaded);
  const hasMore = list.cursor !== null && piece > 0;
  const more = () => hasMore && onChange({ rows: titles.length + piece }, { replace: true });

  useKeys(predictedTitleKeys, { ...runs, more }, idle);

  if (titles.length === 0) {
    return (
      <EmptyState
        title={texts.noMatchTitle(predictionsView.activeFilters(view).length > 0)}
        text={texts.noMatch(describeView(view))}
      >
        <ClearButtons view={view} definition={predictionsView} onChange={onChange} />
      </EmptyState>
    );
  }
  return (
    <>
      <ListLine
        text={
          texts.range(describeRange(0, titles.length - left), formatInteger(total), describeView(view)) +
          describeStaying(left)
        }
        before={<SelectTitles selection={selection} />}
      >
        {undoable && <UndoLast undo={undoable} keys={predictedTitleKeys} />}
        <ExportMenu
          endpoint={exportMovies}
          query={{ ...listQuery(view), ...(threshold === null ? {} : { threshold }) }}
          total={total}
          note={threshold === null ? exportNote : `${texts.cellNote(formatThreshold(threshold))} ${exportNote}`}
        />
        <ColumnChooser columns={columns} />
      </ListLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <div ref={element} className={row.frame}>
        <ol
          className={styles.list}
          aria-label={titleListTexts.titles}
          style={
            isPrinted
              ? {}
              : { height: isPlaced ? virtualizer.getTotalSize() : (before?.height ?? titles.length * estimated) }
          }
        >
          {virtualizer.getVirtualItems().map((item) => {
            const title = titles[item.index];
            if (!title) return null;
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={styles.item}
                style={isPrinted ? {} : { transform: `translateY(${item.start - (offset ?? 0)}px)` }}
                aria-posinset={item.index + 1}
                aria-setsize={hasMore ? -1 : titles.length}
              >
                <TitleRow as="article" shows={columns.shows} parts={parts} {...propsOf(title)} />
              </li>
            );
          })}
        </ol>
      </div>
      <Group justify="center" mt="md">
        {hasMore ? (
          <Button variant="default" loading={state === 'loading'} onClick={more}>
            {texts.loadMore(formatInteger(piece))}
          </Button>
        ) : (
          <Text size="sm" c="dimmed">
            {texts.loadedAll}
          </Text>
        )}
      </Group>
      <SelectedTitles selection={selection} filter={filter} labels={labelActs} total={total} />
    </>
  );
}
