import { exportTraining, type listTraining, type TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { ActionIcon } from '@mantine/core';
import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useCallback, useMemo } from 'react';
import type { Reply } from '#api/call.ts';
import { useServerInfo } from '#api/server-info.ts';
import { useKeys } from '#keys/bindings.ts';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager, totalOf } from '#lists/pager.tsx';
import { UndoLast } from '#lists/undo-last.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { useStore } from '#state/store.ts';
import { ProbabilityBadge } from '#titles/label-badges.tsx';
import { answerRow, isLabelledHere, overlays } from '#titles/title-changes.ts';
import { SelectedTitles, SelectTitles, useTitleList } from '#titles/title-list.tsx';
import row from '#titles/title-row.module.css';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { TitleRow, type TitleRowParts, titleColumns } from '#titles/title-row.tsx';
import { exportNote, formatThreshold, useOperatingThreshold } from '#titles/verdict.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatWord } from '#ui/format.ts';
import { titleListKeys } from './keys.ts';
import { NoMatch } from './no-match.tsx';
import { trainingTexts } from './texts.ts';
import { useBlindMode } from './use-blind-mode.ts';
import { useLiveTitles } from './use-live-titles.ts';
import {
  backlogOf,
  countLeft,
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
const partsOf = (files: boolean, answer: (title: TrainingRow, label: Label) => void): TitleRowParts => ({
  act(title, label) {
    const removes = files && label === 'would_not_watch';
    const act = removes ? `${formatWord(label)}, ${titleListTexts.withFiles}` : formatWord(label);
    return {
      name: `${act}: ${title.media_title}`,
      hint: removes ? act : undefined,
      onClick: () => answer(title, label),
    };
  },
  model: (title) => <ProbabilityBadge title={title} />,
});

function BlindSwitch({ blind, onToggle }: { blind: boolean; onToggle: () => void }) {
  const { label } = titleListKeys.keys.blind;
  return (
    <ActionIcon
      variant={blind ? 'filled' : 'default'}
      size={36}
      aria-label={label}
      data-tooltip={label}
      aria-pressed={blind}
      onClick={onToggle}
    >
      {blind ? <IconEyeOff size={18} /> : <IconEye size={18} />}
    </ActionIcon>
  );
}

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
  const { blind, toggle: toggleBlind } = useBlindMode(view, onChange);
  const isHidden = useCallback(({ imdb_id }: TrainingRow) => blind && !isLabelledHere(imdb_id), [blind]);
  const answer = useCallback(
    (title: TrainingRow, label: Label) => answerRow(title, label, { blind: isHidden(title) }),
    [isHidden],
  );
  const { titles, selection, undoable, runs, idle, propsOf } = useTitleList({
    live,
    filter: passOf(view),
    label: answer,
    isHidden,
  });
  useKeys(titleListKeys, { ...runs, blind: toggleBlind }, idle);
  const columns = useColumns('training', shownColumns);
  const files = useServerInfo()?.configured.files === true;
  const parts = useMemo(() => partsOf(files, answer), [files, answer]);
  const isGone = ({ imdb_id }: TrainingRow) => live.gone.has(imdb_id);
  const page = { pagination, offset: view.offset, rows: titles.length, left: countLeft(view, titles, isGone) };
  const total = totalOf(page);
  const threshold = useOperatingThreshold();

  if (titles.length === 0 && view.offset === 0) return <Empty view={view} onChange={onChange} />;
  return (
    <>
      <PageLine page={page} filter={describeView(view)} before={<SelectTitles selection={selection} />}>
        {undoable && <UndoLast undo={undoable} keys={titleListKeys} />}
        <BlindSwitch blind={blind} onToggle={toggleBlind} />
        <ExportMenu
          endpoint={exportTraining}
          query={{ ...queryOf(view), ...(threshold === undefined ? {} : { threshold }) }}
          note={
            threshold === undefined
              ? exportNote
              : `${trainingTexts.verdictNote(formatThreshold(threshold))} ${exportNote}`
          }
          total={pagination.total_is_estimate ? null : total}
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
        total={total}
        isEstimate={pagination.total_is_estimate}
      />
    </>
  );
}
