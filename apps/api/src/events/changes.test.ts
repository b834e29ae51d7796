import { expect, test } from 'vitest';
import { changesBetween } from './changes.ts';

test('what changed is in the order of the vocabulary, not of the stored fields', () => {
  const before = { label: null, reviewed: false, anomalous: false, human_labeled: false };
  const after = { anomalous: false, reviewed: true, human_labeled: true, label: 'would_watch' };
  expect(changesBetween<object>(before, after)).toEqual([
    { field: 'label', from: null, to: 'would_watch' },
    { field: 'human_labeled', from: false, to: true },
    { field: 'reviewed', from: false, to: true },
  ]);
  expect(
    changesBetween<object>(
      { rejection_status: 'rejected', pipeline_status: 'parsed', error_status: false },
      { rejection_status: 'unfiltered', error_status: false, pipeline_status: 'ingested' },
    ),
  ).toEqual([
    { field: 'pipeline_status', from: 'parsed', to: 'ingested' },
    { field: 'rejection_status', from: 'rejected', to: 'unfiltered' },
  ]);
});
