import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect } from 'vitest';
import { expectSurvival } from '../../test/interrupted-sorts.ts';

const script = fileURLToPath(new URL('../../test/sort-worker.ts', import.meta.url));

describe('a sort whose process is killed', () =>
  expectSurvival(async ({ database }, settings, run, step) => {
    const killed = fork(script, [database.connectionString, JSON.stringify(settings), run, step, '1']);
    expect(await once(killed, 'exit')).toEqual([null, 'SIGKILL']);
  }));
