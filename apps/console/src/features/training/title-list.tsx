import { exportTraining, type listTraining } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Suspense, useState } from 'react';
import type { Reply } from '#api/call.ts';
import { useServerInfo } from '#api/server-info.ts';
import { useKeys } from '#keys/bindings.ts';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import { SelectPage } from '#lists/selection-bar.tsx';
import { useUrlValues } from '#lists/use-url-values.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useStore } from '#state/store.ts';
import { refreshMetadata } from '#titles/refresh-metadata.ts';
import { answerRow, overlaid, overlays, toggleRowAnomalous, undoChange } from '#titles/title-changes.ts';
import row from '#titles/title-row.module.css';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { titleColumns } from '#titles/title-row.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { titleListKeys } from './keys.ts';
import { useLiveTitles } from './live-titles.ts';
import { NoMatch } from './no-match.tsx';
import { trainingTexts } from './texts.ts';
import styles from './title-list.module.css';
import { TitleListRow } from './title-list-row.tsx';
import {
  backlogOf,
  describeView,
  filterOf,
  nextPage,
  passOf,
  previousPage,
  queryOf,
  type TrainingView,
} from './view.ts';

const TitleSelection = lazyPart(() => import('#titles/title-selection.tsx'), 'TitleSelection');

const shownColumns = titleColumns(
  ['ratings', 'genre', 'countries', 'runtime', 'updated', 'prediction', 'review'],
  ['language', 'imdb_rating', 'imdb_id', 'added'],
);

function Empty({ view, onChange }: { view: TrainingView; onChange: ChangeView<TrainingView> }) {
  if (passOf(view) === passOf(backlogOf(view))) {
    return <EmptyState title={trainingTexts.cleared} text={trainingTexts.noneWaits} />;
  }
  return <NoMatch view={view} onChange={onChange} />;
}

/** Twenty titles a page, each with its own buttons; keys act on the selected one. */
export function TitleList({
  view,
  list: {
    data: { data, pagination },
  },
  onChange,
}: {
  view: TrainingView;
  list: Reply<typeof listTraining>;
  onChange: ChangeView<TrainingView>;
}) {
  const all = useStore(overlays);
  const live = useLiveTitles(view, data, all, onChange);
  const rows = live.rows.map((row) => overlaid(row, all));
  const [[selectedId], setSelected] = useUrlValues('title');
  const [[openedId], setOpened] = useUrlValues('open');
  const select = (imdbId: string) => setSelected(() => [imdbId]);
  const index = rows.findIndex(({ imdb_id }) => imdb_id === selectedId);
  const selected = rows[index];
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by))];
    if (next) select(next.imdb_id);
  };
  const answer = (label: Label) => {
    if (!selected) return move(1);
    answerRow(selected, label);
    move(1);
  };
  const toggle = (id: string) => setOpened(([before]) => (before === id ? [] : [id]));
  const columns = useColumns('training', shownColumns);
  const selection = useSelection(
    rows.map(({ imdb_id }) => imdb_id),
    passOf(view),
  );
  // From the first row selected on.
  const [hasSelected, setHasSelected] = useState(false);
  if (!selection.isEmpty && !hasSelected) setHasSelected(true);
  const files = useServerInfo()?.configured.files === true;
  const page = { pagination, offset: view.offset, rows: rows.length };

  useKeys(titleListKeys, {
    next: () => move(1),
    previous: () => move(-1),
    watch: () => answer('would_watch'),
    not: () => answer('would_not_watch'),
    anomalous: () => selected && toggleRowAnomalous(selected),
    undo: () => undoChange(),
    rerun: () => selected && void refreshMetadata(selected),
    details: () => selected && toggle(selected.imdb_id),
    select: () => selected && selection.toggle(selected.imdb_id),
  });

  if (rows.length === 0 && view.offset === 0) return <Empty view={view} onChange={onChange} />;
  return (
    <>
      <PageLine
        page={page}
        filter={describeView(view)}
        before={
          <div className={styles.all}>
            <SelectPage selection={selection} />
          </div>
        }
      >
        <ExportMenu
          endpoint={exportTraining}
          query={queryOf(view)}
          total={pagination.total_is_estimate ? null : pagination.total}
        />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <ol className={`${row.frame} ${styles.list}`} aria-label="Titles">
        {rows.map((title) => (
          <TitleListRow
            key={title.imdb_id}
            title={title}
            shows={columns.shows}
            selection={selection}
            selected={title.imdb_id === selectedId}
            opened={title.imdb_id === openedId}
            pulsing={live.pulsing.has(title.imdb_id)}
            gone={live.gone.has(title.imdb_id)}
            onSelect={() => select(title.imdb_id)}
            onToggle={() => toggle(title.imdb_id)}
          />
        ))}
      </ol>
      <Suspense>
        {hasSelected && (
          <TitleSelection
            selection={selection}
            filter={filterOf(view)}
            labels={{
              would_watch: { action: 'would_watch' },
              would_not_watch: { action: 'would_not_watch', warning: files ? titleListTexts.removesFiles : undefined },
            }}
            total={pagination.total}
            isEstimate={pagination.total_is_estimate}
          />
        )}
      </Suspense>
      <Pager
        page={page}
        onPrevious={() => onChange(previousPage(view))}
        onNext={() => onChange(nextPage(view, rows, pagination.next_cursor))}
      />
    </>
  );
}
