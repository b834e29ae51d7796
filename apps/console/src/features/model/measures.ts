import { formatDecimal } from '#ui/format.ts';
import { modelTexts } from './texts.ts';

/** The measures between 0 and 1, one axis each, clockwise from the top. */
export const measures = ['auc', 'accuracy', 'precision', 'recall', 'f1'] as const;
export type Measures = { [name in (typeof measures)[number]]: number | null };

export const formatMeasure = (value: number | null) =>
  value === null ? modelTexts.measures.unknown : formatDecimal(value, 3);

/** The measures in one sentence, for screen readers. */
export const describeMeasures = (values: Measures) =>
  modelTexts.measures.chart(
    measures.map((name) => `${modelTexts.measures.names[name]} ${formatMeasure(values[name])}`).join(', '),
  );
