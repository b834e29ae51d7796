import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Button, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { type ComponentProps, Suspense, useCallback, useEffect, useRef, useState } from 'react';
import { useRevalidator } from 'react-router';
import { useRefusal } from '#api/session.ts';
import type { KeyMap } from '#keys/bindings.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { type RowSelection, useSelection } from '#lists/selection.ts';
import { SelectPage } from '#lists/selection-bar.tsx';
import { useUrlValues } from '#lists/use-url-values.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { shownName } from '#ui/format.ts';
import { refreshMetadata, useMetadataRefusal } from './refresh-metadata.ts';
import { changeTexts } from './title-changes.texts.ts';
import { changes, isRowWrite, overlaid, overlays, toggleRowAnomalous, undoChange } from './title-changes.ts';
import type { titleListKeys } from './title-list-keys.ts';
import styles from './title-row.module.css';

const TitleSelection = lazyPart(() => import('./title-selection.tsx'), 'TitleSelection');

/** Loads the list again after a change of a title that it does not show: an undo brings back what left it on an earlier visit. */
function useReturns(titles: readonly TrainingRow[]): void {
  const { revalidate } = useRevalidator();
  const shown = useRef(titles);
  shown.current = titles;
  useEffect(() => {
    const unsubscribe = outbox.onSettled(({ id, imdb_id }, { kind }) => {
      const isShown = shown.current.some((title) => title.imdb_id === imdb_id);
      if (kind === 'saved' && isRowWrite(id) && !isShown) void revalidate();
    });
    return () => void unsubscribe();
  }, [revalidate]);
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
  useReturns(titles);
  const [[currentId], setCurrent] = useUrlValues('title', list);
  const [[openedId], setOpened] = useUrlValues('open', list);
  const selection = useSelection(
    titles.map(({ imdb_id }) => imdb_id),
    filter,
  );
  const index = titles.findIndex(({ imdb_id }) => imdb_id === currentId);
  const current = titles[index];
  const onSelect = useCallback((imdbId: string) => setCurrent(() => [imdbId]), [setCurrent]);
  const onToggle = useCallback(
    (imdbId: string) => setOpened(([before]) => (before === imdbId ? [] : [imdbId])),
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
    undo: () => undoChange(),
    details: () => current && onToggle(current.imdb_id),
    select: () => current && selection.toggle(current.imdb_id),
  };
  const refusal = useRefusal('operator');
  const metadataRefusal = useMetadataRefusal();
  const undo = useStore(changes).length > 0 ? null : changeTexts.nothingToUndo;
  const idle = { watch: refusal, not: refusal, anomalous: refusal, undo, rerun: metadataRefusal };
  const propsOf = (title: Title) => ({
    title,
    selected: title.imdb_id === currentId,
    opened: title.imdb_id === openedId,
    pulsing: pulsing.has(title.imdb_id),
    gone: gone.has(title.imdb_id),
    blind: isHidden(title),
    chosen: selection.isSelected(title.imdb_id),
    onChoose: selection.toggle,
    onSelect,
    onToggle,
  });
  return { titles, index, selection, runs, idle, propsOf };
}

/** The box that selects every row, above the boxes of the rows. */
export function SelectTitles({ selection }: { selection: RowSelection }) {
  return (
    <div className={styles.all}>
      <SelectPage selection={selection} />
    </div>
  );
}

/** Undoes the latest change, while there is one: its message may be gone. */
export function UndoLast({ keys }: { keys: KeyMap<'undo'> }) {
  const last = useStore(changes).at(-1);
  if (!last) return null;
  return (
    <Tooltip label={`${shownName(last.title.media_title)}: ${last.undid}`}>
      <Button
        variant="default"
        px="xs"
        leftSection={<IconArrowBackUp size={16} aria-hidden />}
        rightSection={<KeyHint of={keys} name="undo" size="xs" visibleFrom="sm" />}
        {...once}
        onClick={() => undoChange(last.id)}
      >
        {changeTexts.undoLast}
      </Button>
    </Tooltip>
  );
}

/** The actions on the selected titles, loaded when the first one is selected. */
export function SelectedTitles(props: ComponentProps<typeof TitleSelection>) {
  const [hasSelected, setHasSelected] = useState(false);
  if (!props.selection.isEmpty && !hasSelected) setHasSelected(true);
  return <Suspense>{hasSelected && <TitleSelection {...props} />}</Suspense>;
}
