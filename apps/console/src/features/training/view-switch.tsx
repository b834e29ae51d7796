import { SegmentedControl } from '@mantine/core';
import { trainingTexts as texts } from './texts.ts';
import type { TrainingView } from './view.ts';

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
      aria-label={texts.view}
      value={view}
      onChange={onChange}
      data={[
        { value: 'review', label: texts.views.review },
        { value: 'list', label: texts.views.list },
      ]}
    />
  );
}
