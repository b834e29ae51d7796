import { Button, Group } from '@mantine/core';
import { listsTexts } from '#lists/texts.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { trainingTexts as texts } from './texts.ts';
import { backlogOf, countFilters, describeView, type TrainingView, withoutFilters } from './view.ts';

/** Shown if no title matches: names the filter, and links to the backlog. */
export function NoMatch({
  view,
  onChange,
}: {
  view: TrainingView;
  onChange: (changes: Partial<TrainingView>) => void;
}) {
  return (
    <EmptyState title={texts.noMatch} text={texts.noMatchText(describeView(view))}>
      <Group justify="center">
        <Button onClick={() => onChange(backlogOf(view))}>{texts.toBacklog}</Button>
        {countFilters(view) > 0 && (
          <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
            {listsTexts.clearFilters}
          </Button>
        )}
      </Group>
    </EmptyState>
  );
}
