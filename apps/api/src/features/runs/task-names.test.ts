import { taskNames } from '@at/contracts/vocabulary';
import { pipelineRun } from '@at/domain/pipeline/queries';
import { itemRun } from '@at/domain/queue/starts';
import { tasks } from '@at/domain/tasks';
import { expect, test } from 'vitest';

test('each task, and each run of several steps, is a word of the vocabulary, for which the console has a name', () => {
  const names = [...tasks.map(({ name }) => name), pipelineRun, itemRun];
  expect(names.toSorted()).toEqual([...taskNames].toSorted());
});
