import type { DedupStatus, FileDashboard } from '@at/contracts/files';
import type { BatchStatus } from '@at/contracts/vocabulary';
import { expect, test } from 'vitest';
import { nextStep } from './next.ts';

type Given = {
  inbox?: string;
  archive?: string;
  scan?: { running?: boolean; error?: string };
  unique?: number;
  refused?: number;
  batches?: BatchStatus[];
  has_device?: boolean;
};

function next({
  inbox = 'ready',
  archive = 'unset',
  scan = {},
  unique = 0,
  refused = 0,
  batches = [],
  has_device = true,
}: Given) {
  const found = {
    storage: [
      { place: 'source', state: inbox },
      { place: 'sorted', state: archive },
    ],
    files: { by_status: { UNIQUE: unique }, refused: { files: refused } },
    batches: { by_status: { SORTED: batches.filter((status) => status === 'SORTED').length } },
    recent_batches: batches.map((status) => ({ status })),
    has_device,
  } as unknown as FileDashboard;
  return nextStep(found, { running: false, error: null, ...scan } as DedupStatus);
}

test.each<[string, Given, ReturnType<typeof nextStep>]>([
  ['no inbox', { inbox: 'unset', unique: 3 }, 'folders'],
  ['a folder whose disk is gone', { archive: 'absent', batches: ['SYNCED'] }, 'folders'],
  ['nothing yet', {}, 'scan'],
  ['a scan in progress', { scan: { running: true }, unique: 3 }, 'wait'],
  ['a scan that failed', { scan: { error: 'no' }, unique: 3 }, 'scan'],
  ['new files', { unique: 3 }, 'batch'],
  ['files that can be in no batch', { unique: 3, refused: 3 }, 'scan'],
  ['a batch that waits', { unique: 3, batches: ['PENDING'] }, 'sync'],
  ['a batch that waits, without a device', { batches: ['PENDING'], has_device: false }, 'sort'],
  ['a batch that is sent', { unique: 3, batches: ['SYNCING'] }, 'wait'],
  ['a batch on the device', { unique: 3, batches: ['SYNCED', 'CLEANED'] }, 'sort'],
  ['a batch that stopped', { unique: 3, batches: ['ERROR'] }, 'failed'],
  ['a sorted batch', { unique: 3, batches: ['SORTED'] }, 'cleanup'],
  ['a sorted batch beside one on its way', { batches: ['PENDING', 'SORTED'] }, 'sync'],
  ['all is done', { batches: ['CLEANED'] }, 'scan'],
])('%s', (_given, given, expected) => {
  expect(next(given)).toBe(expected);
});
