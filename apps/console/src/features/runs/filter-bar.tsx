import type { RunState } from '@at/contracts/vocabulary';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterShortcut } from '#lists/filter-bar.tsx';
import { DayFilter, ListFilters, labelled, TextFilter, WordFilter } from '#lists/list-filters.tsx';
import { SavedViews } from '#lists/saved-views.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { type StateWord, stateWords, taskName, wordFor } from '#runs/describe-run.ts';
import { FailureFilter } from '#runs/run-parts.tsx';
import { runsTexts } from '#runs/texts.ts';
import { known } from '#ui/known-word.ts';
import { runsPageTexts as texts } from './texts.ts';
import { describeStates, describeTasks, knownTasks, type RunsView, runsView } from './view.ts';

const taskNames = Object.fromEntries(knownTasks.map((name) => [name, taskName(name)]));

export function FilterBar({ view, onChange }: { view: RunsView; onChange: ChangeView<RunsView> }) {
  const { state, subject_type } = view;
  const word = wordFor(state as never);
  return (
    <ListFilters
      view={view}
      definition={runsView}
      onChange={onChange}
      search={texts.search}
      first={
        <WordFilter
          label={texts.state}
          any={texts.anyState}
          names={runsTexts.states}
          words={word ? [word] : (state as string[])}
          describe={describeStates}
          onChange={(chosen) =>
            onChange({ state: chosen.flatMap((one) => stateWords[one as StateWord] ?? (one as RunState)) })
          }
        />
      }
      last={<SavedViews page="runs" />}
    >
      <WordFilter
        label={texts.task}
        any={texts.anyTask}
        names={taskNames}
        words={view.task}
        describe={describeTasks}
        onChange={(task) => onChange({ task })}
      />
      <FailureFilter view={view} onChange={onChange} />
      <BarSelect
        label={texts.trigger}
        value={view.trigger}
        names={labelled(texts.trigger, texts.triggers)}
        onChange={(trigger) => onChange({ trigger })}
      />
      <BarSelect
        label={texts.subject}
        value={subject_type}
        names={labelled<string>(texts.subject, {
          ...texts.subjects,
          [subject_type]: known(texts.subjects, subject_type) ?? subject_type,
        })}
        onChange={(subject_type) => onChange({ subject_type })}
      />
      <FilterShortcut
        pressed={view.stuck === 'true'}
        onClick={() => onChange({ stuck: view.stuck === 'true' ? 'all' : 'true' })}
      >
        {texts.stuck}
      </FilterShortcut>
      <BarSelect
        label={texts.work}
        value={view.work}
        names={labelled(texts.work, texts.works)}
        onChange={(work) => onChange({ work })}
      />
      <DayFilter view={view} onChange={onChange} />
      <TextFilter
        label={texts.subjectId}
        placeholder={texts.subjectIdPlaceholder}
        value={view.subject_id}
        onText={(subject_id) => onChange({ subject_id }, { replace: true })}
      />
      <TextFilter
        label={texts.who}
        placeholder={texts.whoPlaceholder}
        value={view.requested_by}
        onText={(requested_by) => onChange({ requested_by }, { replace: true })}
      />
    </ListFilters>
  );
}
