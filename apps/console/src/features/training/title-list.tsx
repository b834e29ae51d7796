import { exportTraining, type listTraining } from '@at/contracts/training';
import { useMemo } from 'react';
import type { Reply } from '#api/call.ts';
import { useServerInfo } from '#api/server-info.ts';
import { useKeys } from '#keys/bindings.ts';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { useStore } from '#state/store.ts';
import { ProbabilityBadge } from '#titles/label-badges.tsx';
import { answerRow, overlays } from '#titles/title-changes.ts';
import { SelectedTitles, SelectTitles, useTitleList } from '#titles/title-list.tsx';
import row from '#titles/title-row.module.css';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { TitleRow, type TitleRowParts, titleColumns } from '#titles/title-row.tsx';
import { exportNote } from '#titles/verdict.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatWord } from '#ui/format.ts';
import { titleListKeys } from './keys.ts';
import { NoMatch } from './no-match.tsx';
import { trainingTexts } from './texts.ts';
import { useLiveTitles } from './use-live-titles.ts';
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

const shownColumns = titleColumns(
  ['ratings', 'genre', 'countries', 'runtime', 'updated', 'prediction', 'review'],
  ['language', 'imdb_rating', 'imdb_id', 'added'],
);

function Empty({ view, onChange }: { view: TrainingView; onChange: ChangeView<TrainingView> }) {
  if (passOf(view) === passOf(backlogOf(view))) {
    return <EmptyState title={trainingTexts.cleared} text={trainingTexts.clearedText} />;
  }
  return <NoMatch view={view} onChange={onChange} />;
}

/** `files`: whether a negative answer removes files. */
const partsOf = (files: boolean): TitleRowParts => ({
  act(title, label) {
    const removes = files && label === 'would_not_watch';
    const act = removes ? `${formatWord(label)}, ${titleListTexts.withFiles}` : formatWord(label);
    return {
      name: `${act}: ${title.media_title}`,
      hint: removes ? act : undefined,
      onClick: () => answerRow(title, label),
    };
  },
  model: ({ probability }) => <ProbabilityBadge probability={probability} />,
});

/** Twenty titles a page, each with its buttons; keys act on the selected one. */
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
  const live = useLiveTitles(view, data, useStore(overlays), onChange);
  const { titles, selection, runs, propsOf } = useTitleList({ live, filter: passOf(view), label: answerRow });
  useKeys(titleListKeys, runs);
  const columns = useColumns('training', shownColumns);
  const files = useServerInfo()?.configured.files === true;
  const parts = useMemo(() => partsOf(files), [files]);
  const page = { pagination, offset: view.offset, rows: titles.length };

  if (titles.length === 0 && view.offset === 0) return <Empty view={view} onChange={onChange} />;
  return (
    <>
      <PageLine page={page} filter={describeView(view)} before={<SelectTitles selection={selection} />}>
        <ExportMenu
          endpoint={exportTraining}
          query={queryOf(view)}
          note={exportNote}
          total={pagination.total_is_estimate ? null : pagination.total}
        />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <ol className={row.frame} aria-label={titleListTexts.titles}>
        {titles.map((title) => (
          <TitleRow key={title.imdb_id} as="li" shows={columns.shows} parts={parts} {...propsOf(title)} />
        ))}
      </ol>
      <Pager
        page={page}
        onPrevious={() => onChange(previousPage(view))}
        onNext={() => onChange(nextPage(view, titles, pagination.next_cursor))}
      />
      <SelectedTitles
        selection={selection}
        filter={filterOf(view)}
        labels={{
          would_watch: { action: 'would_watch' },
          would_not_watch: { action: 'would_not_watch', warning: files ? titleListTexts.removesFiles : undefined },
        }}
        total={pagination.total}
        isEstimate={pagination.total_is_estimate}
      />
    </>
  );
}
