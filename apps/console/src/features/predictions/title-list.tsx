import { exportMovies } from '@at/contracts/movies';
import type { Label } from '@at/contracts/vocabulary';
import { Button, Group, Text } from '@mantine/core';
import { defaultRangeExtractor, type Range, useWindowVirtualizer } from '@tanstack/react-virtual';
import { Suspense, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useNavigation } from 'react-router';
import { useKeys } from '#keys/bindings.ts';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { ListLine } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import { SelectPage } from '#lists/selection-bar.tsx';
import { listsTexts } from '#lists/texts.ts';
import { useUrlValues } from '#lists/use-url-values.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useLiveRows } from '#live/use-live-rows.ts';
import { useStore } from '#state/store.ts';
import { refreshMetadata } from '#titles/refresh-metadata.ts';
import { labelRow, overlaid, overlays, toggleRowAnomalous, undoChange } from '#titles/title-changes.ts';
import row from '#titles/title-row.module.css';
import { titleColumns } from '#titles/title-row.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { predictedTitleKeys } from './keys.ts';
import { fetchTitles, type PredictedTitle, type Rows } from './rows.ts';
import { predictionTexts as texts } from './texts.ts';
import styles from './title-list.module.css';
import { TitleRow } from './title-row.tsx';
import { activeFilters, bulkFilter, describeView, listQuery, type PredictionsView, withoutFilters } from './view.ts';

const TitleSelection = lazyPart(() => import('#titles/title-selection.tsx'), 'TitleSelection');

const shownColumns = titleColumns(
  ['ratings', 'genre', 'countries', 'runtime', 'review'],
  ['language', 'imdb_rating', 'imdb_id', 'added', 'updated'],
);

/** A label that is put right here leaves files and torrents alone. */
const labelActs = {
  would_watch: { action: 'update', change: { label: 'would_watch' } },
  would_not_watch: { action: 'update', change: { label: 'would_not_watch' } },
} as const;

/** Pixels, before a row has been measured. */
const estimated = 77;
/** What covers the ends of the window: a banner, the line of the API, and above it what is selected. */
const covered = { top: 8, bottom: 56, selection: 56 };
/** The next piece of the list: as much as there is, within reason. */
const mostAtOnce = 200;

const keyOf = ({ imdb_id }: PredictedTitle) => imdb_id;
const versionOf = ({ updated_at }: PredictedTitle) => updated_at;

/** How far the list stands below the top of the document; what is above it may grow. */
function useOffset() {
  const element = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
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

/** The titles with the model's word on each; as many as wanted, of which those near the window are drawn. */
export function TitleList({
  view,
  list,
  threshold,
  onChange,
}: {
  /** The one that was loaded. */
  view: PredictionsView;
  list: Rows;
  /** null: not known. */
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
  const titles = live.rows.map((row) => overlaid(row, all) as PredictedTitle);
  // More rows, or another threshold, leave the same list on the screen.
  const name = JSON.stringify(listQuery(view));
  const [[selectedId], setSelected] = useUrlValues('title', name);
  const [[openedId], setOpened] = useUrlValues('open', name);
  const index = titles.findIndex(({ imdb_id }) => imdb_id === selectedId);
  const selected = titles[index];

  const columns = useColumns('predictions', shownColumns);
  const filter = bulkFilter(view);
  const selection = useSelection(titles.map(keyOf), JSON.stringify(filter));
  // From the first row selected on.
  const [hasSelected, setHasSelected] = useState(false);
  if (!selection.isEmpty && !hasSelected) setHasSelected(true);

  const { element, offset } = useOffset();
  const virtualizer = useWindowVirtualizer({
    count: titles.length,
    estimateSize: () => estimated,
    overscan: 8,
    scrollMargin: offset,
    scrollPaddingStart: covered.top,
    scrollPaddingEnd: covered.bottom + (selection.isEmpty ? 0 : covered.selection),
    getItemKey: (row) => titles[row]?.imdb_id ?? row,
    // What has the focus stays, however far it is scrolled away.
    rangeExtractor: useCallback(
      (range: Range) =>
        [...new Set([...defaultRangeExtractor(range), ...(index < 0 ? [] : [index])])].sort((a, b) => a - b),
      [index],
    ),
  });

  const select = useCallback((imdbId: string) => setSelected(() => [imdbId]), [setSelected]);
  const toggle = useCallback(
    (imdbId: string) => setOpened(([before]) => (before === imdbId ? [] : [imdbId])),
    [setOpened],
  );
  // A link to a title leads to it.
  const linked = useRef(index);
  useEffect(() => {
    if (linked.current > 0) virtualizer.scrollToIndex(linked.current, { align: 'center' });
  }, [virtualizer]);
  const move = (by: number) => {
    const to = Math.min(titles.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by));
    const next = titles[to];
    if (!next) return;
    select(next.imdb_id);
    virtualizer.scrollToIndex(to, { align: 'auto' });
  };
  const label = (answer: Label) => {
    if (selected) labelRow(selected, answer);
    move(1);
  };
  const left = Math.max(0, (list.total ?? 0) - titles.length);
  const piece = Math.min(mostAtOnce, titles.length, left);
  const hasMore = list.cursor !== null && piece > 0;
  const more = () => hasMore && onChange({ rows: titles.length + piece }, { replace: true });

  useKeys(predictedTitleKeys, {
    next: () => move(1),
    previous: () => move(-1),
    watch: () => label('would_watch'),
    not: () => label('would_not_watch'),
    anomalous: () => selected && toggleRowAnomalous(selected),
    rerun: () => selected && void refreshMetadata(selected),
    undo: () => undoChange(),
    details: () => selected && toggle(selected.imdb_id),
    select: () => selected && selection.toggle(selected.imdb_id),
    more,
  });

  if (titles.length === 0) {
    return (
      <EmptyState title={texts.noMatchTitle} text={texts.noMatch(describeView(view))}>
        {(activeFilters(view).length > 0 || view.media_type !== 'all') && (
          <Button onClick={() => onChange(withoutFilters(view))}>{listsTexts.clearFilters}</Button>
        )}
      </EmptyState>
    );
  }
  return (
    <>
      <ListLine
        words={texts.range(formatInteger(titles.length), formatInteger(list.total), describeView(view))}
        before={
          <div className={styles.all}>
            <SelectPage selection={selection} />
          </div>
        }
      >
        <ExportMenu endpoint={exportMovies} query={listQuery(view)} total={list.total} />
        <ColumnChooser columns={columns} />
      </ListLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <div ref={element} className={row.frame}>
        <ol className={styles.list} aria-label={texts.titles} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const title = titles[item.index];
            if (!title) return null;
            return (
              <li
                key={item.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={styles.item}
                style={{ transform: `translateY(${item.start - offset}px)` }}
                aria-posinset={item.index + 1}
                aria-setsize={hasMore ? -1 : titles.length}
              >
                <TitleRow
                  title={title}
                  threshold={threshold}
                  cells={view.cells}
                  selected={title.imdb_id === selectedId}
                  opened={title.imdb_id === openedId}
                  pulsing={live.pulsing.has(title.imdb_id)}
                  gone={live.gone.has(title.imdb_id)}
                  shows={columns.shows}
                  chosen={selection.isSelected(title.imdb_id)}
                  onChoose={selection.toggle}
                  onSelect={select}
                  onToggle={toggle}
                />
              </li>
            );
          })}
        </ol>
      </div>
      <Suspense>
        {hasSelected && <TitleSelection selection={selection} filter={filter} labels={labelActs} total={list.total} />}
      </Suspense>
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
    </>
  );
}
