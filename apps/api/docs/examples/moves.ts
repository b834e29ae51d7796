import { cleanUpFiles, undoFileMoves } from '@at/contracts/moves';
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
      409: problem(409, 'Not possible', 'All that can be undone is undone.'),
    },
  }),
  exampleOf(cleanUpFiles, {
    body: { dry_run: true },
    reply: {
      success: true,
      message: 'Would remove 1 directories of batches, 0 temporary files and 12 files in quarantine',
      run_id: '5f7c2d8e-9b1a-4f3c-8d2e-7a6b5c4d3e2f',
      dry_run: true,
      removed_batch_dirs: 1,
      deleted_temp_files: 0,
      purged_files: 12,
      forgotten_batches: 0,
      forgotten_files: 0,
      rotated_logs: 0,
      left_alone: [
        {
          path: '/media/photos/2025/06/01/.at-0b0f3c1e-5d0a-4c57-9a6e-6f1d2c3b4a59.gone',
          reason: 'It may be the last name of a file. Look at it, and rename it.',
        },
      ],
    },
    problems: {
      409: problem(
        409,
        'Run failed',
        'The run was cancelled. GET /api/runs/5f7c2d8e-9b1a-4f3c-8d2e-7a6b5c4d3e2f has its log, POST /api/runs/5f7c2d8e-9b1a-4f3c-8d2e-7a6b5c4d3e2f/retry continues it.',
      ),
    },
  }),
];
