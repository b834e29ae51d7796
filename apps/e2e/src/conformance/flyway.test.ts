import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Row } from './lists.ts';
import { openServer, type Server } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server.close());

async function history(query = ''): Promise<Row[]> {
  const { status, body } = await server.get<{ data: Row[] }>(`/flyway?${query}`);
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual(['data']);
  return body.data;
}

const compareVersions = (left: string, right: string) => {
  const [parts, others] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(parts.length, others.length); i += 1) {
    const difference = (parts[i] ?? 0) - (others[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

test('every row of the history, with the columns of its table', async () => {
  for (const row of await history()) {
    expect(Object.keys(row).toSorted()).toEqual(
      'installed_rank version description type script checksum installed_by installed_on execution_time success'
        .split(' ')
        .toSorted(),
    );
  }
});

test('the order is by installed_rank, ascending, by default', async () => {
  const ranks = (await history()).map(({ installed_rank }) => installed_rank as number);
  expect(ranks).toEqual(ranks.toSorted((left, right) => left - right));
  const reversed = (await history('sort_order=desc')).map(({ installed_rank }) => installed_rank);
  expect(reversed).toEqual(ranks.toReversed());
});

test.each(['public', 'console'])('versions of %s sort as numbers, part by part, null ones last', async (schema) => {
  for (const direction of ['asc', 'desc']) {
    const versions = (await history(`schema=${schema}&sort_by=version&sort_order=${direction}`)).map(
      ({ version }) => version as string | null,
    );
    const known = versions.filter((version) => version !== null);
    expect(versions.slice(known.length).every((version) => version === null)).toBe(true);
    const sorted = known.toSorted(compareVersions);
    expect(known).toEqual(direction === 'asc' ? sorted : sorted.toReversed());
  }
});

test('sort_by=installed_on is by time', async () => {
  const times = (await history('sort_by=installed_on')).map(({ installed_on }) => installed_on as string);
  expect(times).toEqual(times.toSorted());
});

test('the reply names the schema that was read; schema= chooses it, and one without a history is empty', async () => {
  const { headers, body } = await server.get<{ data: Row[] }>('/flyway');
  const schema = headers.get('x-flyway-schema');
  if (body.data.length > 0) expect(await history(`schema=${schema}`)).toEqual(body.data);
  const own = await server.get<{ data: Row[] }>('/flyway?schema=console');
  expect(own.headers.get('x-flyway-schema')).toBe('console');
  expect(own.body.data).not.toEqual(body.data);
  const none = await server.get<{ data: Row[] }>('/flyway?schema=pg_catalog');
  expect([none.body.data, none.headers.get('x-flyway-schema')]).toEqual([[], null]);
});

test.each(['schema=%00', 'sort_by=script', 'sort_order=sideways'])('%s is 422', async (query) => {
  expect((await server.get(`/flyway?${query}`)).status).toBe(422);
});
