import { undoFileMoves } from '@at/contracts/moves';
import { type Example, exampleOf, problem } from './example.ts';

export const moveExamples: readonly Example[] = [
  exampleOf(undoFileMoves, {
    body: {},
    reply: {
      success: true,
      message: '312 files are being moved back',
      run_id: 'c2b7a0d4-3f6e-4d0b-8a51-9e7d1f2c3b4a',
      files: 312,
    },
    problems: {
      409: problem(409, 'Not undoable', 'All that can be undone is undone.'),
    },
  }),
];
