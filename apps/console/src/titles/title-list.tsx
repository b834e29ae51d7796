import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { type ComponentProps, Suspense, useCallback, useState } from 'react';
import { useRefusal } from '#api/session.ts';
import { bulkUndos, nextBulkUndo } from '#bulk/bulk-undos.ts';
import { type RowSelection, useSelection } from '#lists/selection.ts';
import { SelectPage } from '#lists/selection-bar.tsx';
import { type LatestUndo, useReturns } from '#lists/undo-last.tsx';
import { useUrlValues } from '#lists/use-url-values.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { pageHere } from '#state/base-path.ts';
import { useStore } from '#state/store.ts';
import { shownName } from '#ui/format.ts';
import { notify } from '#ui/notify.tsx';
import { refreshMetadata, useMetadataRefusal } from './refresh-metadata.ts';
import { changeTexts } from './title-changes.texts.ts';
import { changes, isRowWrite, overlaid, overlays, toggleRowAnomalous, undoChange } from './title-changes.ts';
import type { titleListKeys } from './title-list-keys.ts';
import styles from './title-row.module.css';

const TitleSelection = lazyPart(() => import('./title-selection.tsx'), 'TitleSelection');

/** The changes of rows that the API has saved. */
const onSaved = (run: (imdbId: string) => void) =>
  outbox.onSettled(({ id, imdb_id }, { kind }) => {
    if (kind === 'saved' && isRowWrite(id)) run(imdb_id);
  });

/** The latest change that was made on this page, or of one of its rows. */
function useLatestUndo(ids: readonly string[]): LatestUndo | undefined {
  const last = useStore(changes).findLast(({ page, title }) => page === pageHere() || ids.includes(title.imdb_id));
  const bulk = nextBulkUndo(useStore(bulkUndos), 'training', last?.at);
  if (bulk) return { what: bulk.message, items: bulk.items, run: bulk.undo };
  if (!last) return undefined;
  return { what: `${shownName(last.title.media_title)}: ${last.undid}`, run: () => undoChange(last.id) };
}

/** The rows of a list of titles: which is current, which are selected or open, and what the keys do. */
export function useTitleList<Title extends TrainingRow>({
  live: { rows, pulsing, gone },
  list,
  filter,
  label,
  isHidden = () => false,
  onMove,
}: {
  live: { rows: readonly Title[]; pulsing: ReadonlySet<string>; gone: ReadonlySet<string> };
  /** Identifies the list if its address changes while the titles stay the same. */
  list?: string;
  /** Another filter ends the selection. */
  filter: string;
  label: (title: Title, label: Label) => void;
  /** Whether blind mode hides the label and the prediction of a title. */
  isHidden?: (title: Title) => boolean;
  onMove?: (index: number) => void;
}) {
  const all = useStore(overlays);
  const titles = rows.map((row) => overlaid(row, all) as Title);
  const [[currentId], setCurrent] = useUrlValues('title', list);
  const [[openedId], setOpened] = useUrlValues('open', list);
  const ids = titles.map(({ imdb_id }) => imdb_id);
  useReturns(ids, onSaved);
  const undoable = useLatestUndo(ids);
  const selection = useSelection(ids, filter);
  const index = titles.findIndex(({ imdb_id }) => imdb_id === currentId);
  const current = titles[index];
  const onSelect = useCallback((imdbId: string) => setCurrent(() => [imdbId]), [setCurrent]);
  const onToggle = useCallback(
    (imdbId: string) => {
      setOpened(([before]) => (before === imdbId ? [] : [imdbId]));
      void import('#lists/reveal-details.ts').then(({ revealDetails }) => revealDetails(`details-${imdbId}`));
    },
    [setOpened],
  );
  const move = (by: number) => {
    const to = Math.min(titles.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by));
    const next = titles[to];
    if (!next) return;
    onSelect(next.imdb_id);
    onMove?.(to);
  };
  const labelCurrent = (chosen: Label) => {
    if (current) label(current, chosen);
    move(1);
  };
  const runs: Record<keyof typeof titleListKeys, () => void> = {
    next: () => move(1),
    previous: () => move(-1),
    watch: () => labelCurrent('would_watch'),
    not: () => labelCurrent('would_not_watch'),
    anomalous: () => current && toggleRowAnomalous(current, { blind: isHidden(current) }),
    rerun: () => current && void refreshMetadata(current),
    undo: () => (undoable ? undoable.run() : notify(changeTexts.nothingToUndo)),
    details: () => current && onToggle(current.imdb_id),
    select: () => current && selection.toggle(current.imdb_id),
  };
  const refusal = useRefusal('operator');
  const metadataRefusal = useMetadataRefusal();
  const undo = undoable ? null : changeTexts.nothingToUndo;
  const idle = { watch: refusal, not: refusal, anomalous: refusal, undo, rerun: metadataRefusal };
  const propsOf = (title: Title) => ({
    title,
    selected: title.imdb_id === currentId,
    opened: title.imdb_id === openedId,
    pulsing: pulsing.has(title.imdb_id),
    gone: gone.has(title.imdb_id),
    blind: isHidden(title),
    chosen: selection.isSelected(title.imdb_id),
    refusal,
    metadataRefusal,
    onChoose: selection.toggle,
    onSelect,
    onToggle,
  });
  return { titles, index, selection, undoable, runs, idle, propsOf };
}

/** The box that selects every row, above the boxes of the rows. */
export function SelectTitles({ selection }: { selection: RowSelection }) {
  return (
    <div className={styles.all}>
      <SelectPage selection={selection} />
    </div>
  );
}

/** The actions on the selected titles, loaded when the first one is selected. */
export function SelectedTitles(props: ComponentProps<typeof TitleSelection>) {
  const [hasSelected, setHasSelected] = useState(false);
  if (!props.selection.isEmpty && !hasSelected) setHasSelected(true);
  return <Suspense>{hasSelected && <TitleSelection {...props} />}</Suspense>;
}
