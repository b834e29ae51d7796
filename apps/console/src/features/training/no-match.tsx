import { Button, Group } from '@mantine/core';
import { Blank } from '#shared/blank.tsx';
import { backlogOf, countFilters, describeView, type TrainingView, withoutFilters } from './filters.ts';

/** No title fits the filter: says which it was, and leads out of it. */
export function NoMatch({
  view,
  onChange,
}: {
  view: TrainingView;
  onChange: (changes: Partial<TrainingView>) => void;
}) {
  return (
    <Blank title="No title matches" text={`There are no ${describeView(view)}.`}>
      <Group justify="center">
        <Button onClick={() => onChange(backlogOf(view))}>Back to the backlog</Button>
        {countFilters(view) > 0 && (
          <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
            Clear every filter
          </Button>
        )}
      </Group>
    </Blank>
  );
}
