import { SegmentedControl } from '@mantine/core';
import type { TrainingView } from './filters.ts';

export function ViewSwitch({
  view,
  onChange,
}: {
  view: TrainingView['view'];
  onChange: (view: TrainingView['view']) => void;
}) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="View"
      value={view}
      onChange={onChange}
      data={[
        { value: 'review', label: 'Review' },
        { value: 'list', label: 'List' },
      ]}
    />
  );
}
