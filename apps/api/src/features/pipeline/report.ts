import { arch, platform, release } from 'node:os';
import type { PipelineConfig } from '@at/contracts/pipeline-config';
import type { SyncCheck } from '@at/contracts/sync';
import type { Counted } from '@at/domain/files/queries';
import type { Storage } from '@at/domain/files/storage';
import type { Facts } from './queries.ts';

type Report = {
  at: string;
  version: string;
  facts: Facts;
  counts: readonly Counted[];
  places: readonly Storage[];
  batches: readonly { name: string; status: string; reason: string | null }[];
  /** null: no device is configured. */
  checks: readonly SyncCheck[] | null;
  config: PipelineConfig;
};

const part = (title: string, lines: readonly string[]) =>
  [title, ...(lines.length > 0 ? lines : ['none']).map((line) => `  ${line.replaceAll('\n', ' ')}`)].join('\n');

/** One text for a support request. */
export function reportText({ at, version, facts, counts, places, batches, checks, config }: Report): string {
  const files = Map.groupBy(counts, ({ status }) => status);
  const parts = [
    part('File pipeline', [
      `at ${at}`,
      `version ${version}, Node ${process.version}, PostgreSQL ${facts.database}`,
      `${platform()} ${release()} ${arch()}`,
    ]),
    part(
      'Workers',
      facts.workers.map(({ host, version: its, seen_at }) => `${host}, version ${its}, seen ${seen_at}`),
    ),
    part(
      'Folders',
      places.map(({ place, path, state, message }) => `${place}: ${path ?? ''} ${state}. ${message ?? ''}`),
    ),
    part(
      'Files',
      [...files].map(([status, rows]) => `${status}: ${rows.reduce((sum, { files: n }) => sum + n, 0)}`),
    ),
    part(
      'Batches that wait for a person',
      batches.map(({ name, status, reason }) => `${name}: ${status}. ${reason ?? ''}`),
    ),
    part(
      'Syncthing',
      checks?.map(({ check, state, message }) => `${check}: ${state}. ${message}`) ?? ['no device is configured'],
    ),
    part(
      'Latest failures',
      facts.failures.map(({ task, at: when, error }) => `${when} ${task}: ${error}`),
    ),
    `Configuration\n${JSON.stringify(config, null, 2)}`,
  ];
  return `${parts.join('\n\n')}\n`;
}
