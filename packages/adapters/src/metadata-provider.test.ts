import type { ServerResponse } from 'node:http';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeProvider, startProvider } from '../test/fake-provider.ts';
import { closedPort } from '../test/transmission-daemon.ts';
import { openMetadataProvider } from './metadata-provider.ts';
import { ProviderError } from './provider-error.ts';

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startProvider();
  return () => fake.close();
});
beforeEach(() => {
  fake.requests = [];
  fake.answer = undefined;
  fake.life = 86_400;
  fake.tokens.clear();
  fake.facts.clear();
  fake.facts.set('ABC-123', { title: 'The lantern' });
});

const open = (now?: () => number) => openMetadataProvider(fake.settings, now);
const replying = (status: number, body: string) => (request: string, response: ServerResponse) => {
  if (!request.startsWith('search')) return false;
  response.writeHead(status).end(body);
  return true;
};

async function refusal(search: Promise<unknown>): Promise<ProviderError> {
  const error = await search.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProviderError);
  const { message, cause } = error as ProviderError;
  expect(`${message} ${cause}`).not.toMatch(/provider-secret|provider-token|127\.0\.0\.1/);
  return error as ProviderError;
}

test('a code has the facts that the provider has, without what is no text, no date and no address', async () => {
  fake.facts.set('ABC-123', {
    movie_code: 'abc-123',
    title: ' The lan\0tern ',
    original_title: 'ランタン',
    overview: 'x'.repeat(30_000),
    release_date: '2024-05-31T00:00:00Z',
    actress: ['Ada', 'Ada', 7, 'Bea'] as string[],
    genre: 'Drama' as never,
    label: '',
    cover_url: 'https://images.example/cover.jpg',
    backdrop_url: 'javascript:alert(1)',
  });
  expect(await open().search('ABC-123')).toEqual({
    movie_code: 'ABC-123',
    title: 'The lantern',
    original_title: 'ランタン',
    overview: 'x'.repeat(20_000),
    release_date: '2024-05-31',
    actress: ['Ada', 'Bea'],
    genre: ['Drama'],
    label: null,
    cover_url: 'https://images.example/cover.jpg',
    backdrop_url: null,
  });
  expect(await open().search('XYZ-1')).toBeUndefined();
});

describe('its token', () => {
  test('is fetched once for several searches, and once more when it is refused', async () => {
    const provider = open();
    await Promise.all([provider.search('ABC-123'), provider.search('ABC-123', { fresh: true })]);
    expect(fake.requests.toSorted()).toEqual(['search ABC-123', 'search ABC-123 fresh', 'token']);
    fake.tokens.clear();
    fake.requests = [];
    expect(await provider.search('ABC-123')).toMatchObject({ title: 'The lantern' });
    expect(fake.requests).toEqual(['search ABC-123', 'token', 'search ABC-123']);
  });

  test('that is refused twice ends the search', async () => {
    fake.answer = replying(401, '{}');
    expect(await refusal(open().search('ABC-123'))).toMatchObject({ kind: 'refused' });
    expect(fake.requests).toEqual(['token', 'search ABC-123', 'token', 'search ABC-123']);
  });

  test('is replaced when less than four hours remain, and used on while none can be fetched', async () => {
    let now = 0;
    const provider = open(() => now);
    await provider.search('ABC-123');
    now = 19.9 * 3_600_000;
    await provider.search('ABC-123');
    expect(fake.requests.filter((request) => request === 'token')).toHaveLength(1);
    now = 20.1 * 3_600_000;
    fake.answer = (request, response) => request === 'token' && Boolean(response.writeHead(503).end());
    expect(await provider.search('ABC-123')).toMatchObject({ title: 'The lantern' });
    fake.answer = undefined;
    await provider.search('ABC-123');
    await provider.search('ABC-123');
    expect(fake.requests.filter((request) => request === 'token')).toHaveLength(3);
  });

  test('with a short life is not fetched for every search', async () => {
    fake.life = 3_600;
    const provider = open();
    for (let n = 0; n < 3; n += 1) await provider.search('ABC-123');
    expect(fake.requests.filter((request) => request === 'token')).toHaveLength(1);
  });

  test('can be a fixed one', async () => {
    fake.tokens.add('fixed');
    const provider = openMetadataProvider({ ...fake.settings, token: 'fixed', tokens: null });
    expect(await provider.search('ABC-123')).toMatchObject({ title: 'The lantern' });
    fake.tokens.clear();
    expect((await refusal(provider.search('ABC-123'))).message).toMatch('QUEUE_PROVIDER_TOKEN');
  });
});

describe('an error', () => {
  test.each([
    [429, '', 'limited'],
    [503, '', 'unreachable'],
    [302, '', 'unusable'],
    [200, '<html>', 'unusable'],
    [200, '[]', 'unusable'],
    [200, '{"title": 7}', 'unusable'],
    [200, '{"title": "Another", "movie_code": "ABC-124"}', 'unusable'],
    [200, JSON.stringify({ title: 'x'.repeat(2 ** 20) }), 'unusable'],
  ])('has a kind: %s %.30s is %s', async (status, body, kind) => {
    fake.answer = replying(status, body);
    expect(await refusal(open().search('ABC-123'))).toMatchObject({ kind });
  });

  test('says that nothing responds, and an abort is no error of the provider', async () => {
    const url = `http://127.0.0.1:${closedPort}`;
    const gone = openMetadataProvider({ url, token: 'x', tokens: null });
    expect(await refusal(gone.search('ABC-123'))).toMatchObject({ kind: 'unreachable' });
    const controller = new AbortController();
    fake.answer = (request) => {
      if (!request.startsWith('search')) return false;
      controller.abort(new Error('Cancelled.'));
      return true;
    };
    await expect(open().search('ABC-123', { signal: controller.signal })).rejects.toThrow('Cancelled.');
  });
});
