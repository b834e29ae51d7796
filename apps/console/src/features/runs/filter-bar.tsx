import type { FailureCode } from '@at/contracts/vocabulary';
import { Button } from '@mantine/core';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterShortcut } from '#lists/filter-bar.tsx';
import { DayFilter, ListFilters, labelled, MoreFilters, TextFilter } from '#lists/list-filters.tsx';
import { SavedViews } from '#lists/saved-views.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { type StateWord, stateWords, taskName, wordFor } from '#runs/describe-run.ts';
import { failureName, failureNames, runsTexts } from '#runs/texts.ts';
import { runsPageTexts as texts } from './texts.ts';
import { describeStates, describeTasks, knownTasks, type RunsView, runsView } from './view.ts';

const all = 'all';

/** The choices of a filter with several values: all, each known one, and what else the address holds. */
function choices(names: Record<string, string>, present: string, describe: () => string): Record<string, string> {
  return present in names ? names : { ...names, [present]: describe() };
}

export function FilterBar({ view, onChange }: { view: RunsView; onChange: ChangeView<RunsView> }) {
  const { state, task } = view;
  const count = runsView.activeFilters(view).length;
  const shownState = state.length === 0 ? all : (wordFor(state as never) ?? state.join());
  const shownTask = task.join() || all;
  const shownFailure = view.error_code.join() || all;
  const taskNames = Object.fromEntries(knownTasks.map((name) => [name, taskName(name)]));
  return (
    <ListFilters>
      <BarSelect
        label={texts.state}
        value={shownState}
        names={labelled(
          texts.state,
          choices({ [all]: texts.anyState, ...runsTexts.states }, shownState, () => describeStates(state)),
        )}
        onChange={(chosen) =>
          onChange({ state: chosen === all ? [] : [...(stateWords[chosen as StateWord] ?? state)] })
        }
      />
      <MoreFilters count={count}>
        <BarSelect
          label={texts.task}
          value={shownTask}
          names={labelled(
            texts.task,
            choices({ [all]: texts.anyTask, ...taskNames }, shownTask, () => describeTasks(task)),
          )}
          onChange={(chosen) => onChange({ task: chosen === all ? [] : chosen === shownTask ? task : [chosen] })}
        />
        <BarSelect
          label={texts.failure}
          value={shownFailure}
          names={labelled(
            texts.failure,
            choices({ [all]: texts.anyFailure, ...failureNames }, shownFailure, () =>
              view.error_code.map(failureName).join(listsTexts.or),
            ),
          )}
          onChange={(chosen) =>
            onChange({
              error_code: chosen === all ? [] : chosen === shownFailure ? view.error_code : [chosen as FailureCode],
            })
          }
        />
        <BarSelect
          label={texts.trigger}
          value={view.trigger}
          names={labelled(texts.trigger, texts.triggers)}
          onChange={(trigger) => onChange({ trigger })}
        />
        <BarSelect
          label={texts.subject}
          value={view.subject_type}
          names={labelled(
            texts.subject,
            choices(texts.subjects, view.subject_type, () => view.subject_type),
          )}
          onChange={(subject_type) => onChange({ subject_type })}
        />
        <FilterShortcut
          pressed={view.stuck === 'true'}
          onClick={() => onChange({ stuck: view.stuck === 'true' ? 'all' : 'true' })}
        >
          {texts.stuck}
        </FilterShortcut>
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
      </MoreFilters>
      <SavedViews page="runs" />
      {count > 0 && (
        <Button variant="subtle" onClick={() => onChange(runsView.withoutFilters(view))}>
          {listsTexts.clearFilters}
        </Button>
      )}
    </ListFilters>
  );
}
