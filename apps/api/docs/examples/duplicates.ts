import { type DuplicateActed, keepDuplicate, listDuplicates, restoreDuplicate } from '@at/contracts/duplicates';
import { type Example, exampleOf, problem } from './example.ts';

const notFound = problem(
  404,
  'File not found',
  'No file has the id 42, or it is missing. GET /api/duplicates lists them.',
);
const refused = (message: string) => problem(409, 'Not possible', message);
const acted = (message: string, files: number[]): DuplicateActed => ({
  success: true,
  message,
  file_id: 42,
  files,
  run_id: null,
});

export const duplicateExamples: Example[] = [
  exampleOf(listDuplicates, {
    reply: {
      data: [
        {
          id: 17,
          kind: 'video',
          size: 48_211_904,
          files: 1,
          saving: 48_211_904,
          found_at: '2025-06-02T10:05:02.118000Z',
          keeper: {
            id: 17,
            root: 'Inbox',
            path: 'phone/IMG_1001.MOV',
            status: 'UNIQUE',
            modified_at: '2024-07-01T14:02:11.000000Z',
            captured_at: '2024-07-01T16:02:10',
            links: 1,
            companions: 1,
          },
          duplicates: [
            {
              id: 42,
              root: 'Duplicates',
              path: 'old phone/IMG_1001.MOV',
              status: 'DUPLICATE',
              modified_at: '2024-07-09T08:30:00.000000Z',
              captured_at: '2024-07-01T16:02:10',
              links: 1,
              companions: 1,
              is_linked: false,
              differs: ['folder', 'modified'],
              moved_from: 'old phone/IMG_1001.MOV',
              moved_from_root: 'Inbox',
            },
          ],
        },
      ],
      totals: { sets: 1, files: 1, bytes: 48_211_904 },
      pagination: {
        total: 1,
        limit: 50,
        offset: 0,
        next: null,
        previous: null,
        has_more: false,
        next_cursor: null,
      },
    },
  }),
  exampleOf(keepDuplicate, {
    body: {},
    reply: acted('This file is kept; the others of its set are its duplicates', [42, 17]),
    problems: {
      404: notFound,
      409: refused('2024/07/01/IMG_1001.MOV is in the archive, and stays the file that is kept.'),
    },
  }),
  exampleOf(restoreDuplicate, {
    body: {},
    reply: acted('The file is no duplicate any more', [42]),
    problems: {
      404: notFound,
      409: refused('old phone/IMG_1001.MOV is being moved. Wait until that has ended.'),
    },
  }),
];
