import { listActivity } from '@at/contracts/activity';
import { followEvents } from '@at/contracts/events';
import { type Example, exampleOf } from './example.ts';

const changed = {
  id: '937.37',
  type: 'title.changed',
  operation: 'update',
  imdb_ids: ['tt0133093'],
  hashes: [],
  run_id: null,
  actor: 'alice',
  actor_verified: false,
  at: '2025-06-02T19:40:12.500000Z',
};

export const eventExamples: Example[] = [
  exampleOf(followEvents, {
    reply: [
      'retry: 2000\n\n',
      'id: 935.36\nevent: ready\ndata: {"live":"trigger"}\n\n',
      `id: ${changed.id}\nevent: ${changed.type}\ndata: ${JSON.stringify(changed)}\n\n`,
      `id: ${changed.id}\n: still here\n\n`,
    ].join(''),
  }),
  exampleOf(listActivity, {
    reply: {
      data: [
        {
          type: 'label.written',
          at: changed.at,
          actor: 'alice',
          actor_verified: false,
          operation: null,
          imdb_ids: changed.imdb_ids,
          hashes: [],
          media_action: null,
          operation_id: null,
          taken_back_by: null,
          label: {
            event_id: 29,
            action: 'would_watch',
            changes: [{ field: 'label', from: 'would_not_watch', to: 'would_watch' }],
            undoes: null,
            undone_by: null,
            undoable: true,
          },
          media: null,
          file: null,
        },
      ],
      pagination: {
        total: null,
        limit: 1,
        offset: 0,
        next: '/rear-diff/activity?cursor=WyJhY3Rpdml0eSIsMCwiMjAyNS0wNi0wMlQxOTo0MDoxMi41MDAwMDBaIiwibGFiZWw6MjkiXQ&limit=1',
        previous: null,
        has_more: true,
        next_cursor: 'WyJhY3Rpdml0eSIsMCwiMjAyNS0wNi0wMlQxOTo0MDoxMi41MDAwMDBaIiwibGFiZWw6MjkiXQ',
      },
      recorded_since: '2025-05-01T08:15:00.000000Z',
    },
  }),
];
