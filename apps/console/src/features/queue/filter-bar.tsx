import { type FailureCode, queueStatuses } from '@at/contracts/vocabulary';
import { Button } from '@mantine/core';
import { BarSelect } from '#lists/bar-select.tsx';
import { ListFilters, labelled } from '#lists/list-filters.tsx';
import { SavedViews } from '#lists/saved-views.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { failureName, failureNames } from '#runs/texts.ts';
import type { QueueLabels } from '#state/queue-labels.ts';
import { FreshSwitch } from './fresh-switch.tsx';
import { SuggestInput } from './suggest-input.tsx';
import { queueTexts as texts } from './texts.ts';
import { type QueueView, queueView } from './view.ts';

const all = 'all';
const statusNames = Object.fromEntries(queueStatuses.map((status) => [status, texts.statusName(status)]));

export function FilterBar({
  view,
  labels,
  onChange,
}: {
  view: QueueView;
  labels: QueueLabels;
  onChange: ChangeView<QueueView>;
}) {
  const shown = view.status.join() || all;
  const names: Record<string, string> = {
    [all]: texts.anyStatus,
    ...statusNames,
    ...(view.status.length > 1 && { [shown]: view.status.map(texts.statusName).join(listsTexts.or) }),
  };
  const shownFailure = view.error_code.join() || all;
  const failures: Record<string, string> = {
    [all]: texts.anyFailure,
    ...failureNames,
    ...(view.error_code.length > 1 && { [shownFailure]: view.error_code.map(failureName).join(listsTexts.or) }),
  };
  return (
    <ListFilters>
      <SuggestInput
        label={texts.search(labels.code.toLowerCase(), labels.performer.toLowerCase())}
        value={view.q}
        onText={(q) => onChange({ q }, { replace: true })}
      />
      <BarSelect
        label={texts.status}
        value={shown}
        names={labelled(texts.status, names)}
        onChange={(chosen) =>
          onChange({
            status: chosen === all ? [] : chosen === shown ? view.status : [chosen as keyof typeof texts.statuses],
          })
        }
      />
      <BarSelect
        label={texts.failure}
        value={shownFailure}
        names={labelled(texts.failure, failures)}
        onChange={(chosen) =>
          onChange({
            error_code: chosen === all ? [] : chosen === shownFailure ? view.error_code : [chosen as FailureCode],
          })
        }
      />
      <SuggestInput
        label={labels.code}
        value={view.movie_code}
        kind="movie_code"
        onText={(movie_code) => onChange({ movie_code }, { replace: true })}
      />
      <SuggestInput
        label={labels.performer}
        value={view.actress}
        kind="actress"
        onText={(actress) => onChange({ actress }, { replace: true })}
      />
      <SavedViews page="queue" />
      <FreshSwitch />
      {queueView.activeFilters(view).length > 0 && (
        <Button variant="subtle" onClick={() => onChange(queueView.withoutFilters(view))}>
          {listsTexts.clearFilters}
        </Button>
      )}
    </ListFilters>
  );
}
