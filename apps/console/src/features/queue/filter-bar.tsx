import { ListFilters, WordFilter } from '#lists/list-filters.tsx';
import { SavedViews } from '#lists/saved-views.tsx';
import { listsTexts } from '#lists/texts.ts';
import type { ChangeView } from '#lists/use-view.ts';
import { FailureFilter } from '#runs/run-parts.tsx';
import type { QueueLabels } from '#state/queue-labels.ts';
import { FreshSwitch } from './fresh-switch.tsx';
import { SuggestInput } from './suggest-input.tsx';
import { queueTexts as texts } from './texts.ts';
import { type QueueView, queueView } from './view.ts';

export function FilterBar({
  view,
  labels,
  onChange,
}: {
  view: QueueView;
  labels: QueueLabels;
  onChange: ChangeView<QueueView>;
}) {
  return (
    <ListFilters
      view={view}
      definition={queueView}
      onChange={onChange}
      first={
        <SuggestInput
          label={texts.search(labels.code.toLowerCase(), labels.performer.toLowerCase())}
          value={view.q}
          onText={(q) => onChange({ q }, { replace: true })}
        />
      }
      last={
        <>
          <SavedViews page="queue" />
          <FreshSwitch />
        </>
      }
    >
      <WordFilter
        label={texts.status}
        any={texts.anyStatus}
        names={texts.statuses}
        words={view.status}
        describe={(given) => given.map(texts.statusName).join(listsTexts.or)}
        onChange={(status) => onChange({ status })}
      />
      <FailureFilter view={view} onChange={onChange} />
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
    </ListFilters>
  );
}
