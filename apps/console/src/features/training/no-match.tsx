import { Button } from '@mantine/core';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { trainingTexts as texts } from './texts.ts';
import { backlogOf, describeView, type TrainingView, trainingView } from './view.ts';

/** Shown if no title matches: names the filter, and links to the backlog. */
export function NoMatch({
  view,
  onChange,
}: {
  view: TrainingView;
  onChange: (changes: Partial<TrainingView>) => void;
}) {
  return (
    <EmptyState
      title={texts.noMatch(trainingView.activeFilters(view).length > 0)}
      text={texts.noMatchText(describeView(view))}
    >
      <ClearButtons view={view} definition={trainingView} onChange={onChange}>
        {/* With a search, matches outside the filter are above and come first. */}
        <Button variant={view.q.trim() === '' ? 'filled' : 'default'} onClick={() => onChange(backlogOf(view))}>
          {texts.toBacklog}
        </Button>
      </ClearButtons>
    </EmptyState>
  );
}
