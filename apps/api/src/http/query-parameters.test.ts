import type { Problem } from '@at/contracts/problem';
import type { TrainingList } from '@at/contracts/training';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertTitles, sampleTitles, startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;

const list = (query: string, headers: Record<string, string> = {}) =>
  app.call<TrainingList & Problem>('GET', `/training?${query}`, { headers });
const strictly = (query: string) => list(query, { prefer: 'handling=strict' });
const ids = ({ body }: { body: TrainingList }) => body.data.map(({ imdb_id }) => imdb_id);

beforeAll(async () => {
  app = await startTestApp();
  await insertTitles(app.db, sampleTitles);
});
afterAll(() => app.close());

describe('booleans in words', () => {
  test.each(['true', 'True', 'TRUE', '1', 'yes', 'Yes', 'on', 'ON', 't', 'T', 'y', '%20true%20'])(
    '%s',
    async (word) => {
      expect(ids(await list(`anomalous=${word}`))).toEqual(ids(await list('anomalous=true')));
    },
  );
  test.each(['false', 'False', '0', 'no', 'off', 'f', 'N'])('%s', async (word) => {
    expect(ids(await list(`anomalous=${word}`))).toEqual(ids(await list('anomalous=false')));
  });
  test.each(['2', 'null', 'None', 'wahr', 'truee', '-1'])('%s is no boolean', async (word) => {
    const { status, body } = await list(`anomalous=${word}`);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer: 'anomalous' }]);
  });
});

test.each([
  'limit=&offset=&page=&cursor=&count=',
  'media_type=&label=&reviewed=&human_labeled=&anomalous=',
  'imdb_id=&media_title=&q=&genre=&origin_country=&original_language=',
  'sort_by=&sort_order=&order=&seed=&include=&budget_min=&probability_max=',
  'imdb_id=,%20,&q=%20%09',
])('empty parameters count as absent: %s', async (query) => {
  const reply = await strictly(query);
  expect(reply.status).toBe(200);
  expect(reply.headers['x-unknown-parameters']).toBeUndefined();
  expect(ids(reply)).toEqual(ids(await list('')));
});

test('sort_order is read in any case', async () => {
  expect(ids(await strictly('sort_by=media_title&sort_order=ASC'))).toEqual(
    ids(await list('sort_by=media_title&sort_order=asc')),
  );
});

describe('a value that does not fit is refused by name', () => {
  test.each([
    ['media_type=film', 'media_type'],
    ['media_type=movie&media_type=film', 'media_type'],
    ['label=maybe', 'label'],
    ['label=WOULD_WATCH', 'label'],
    ['include=everything', 'include'],
    ['order=worst', 'order'],
    ['release_year_min=last', 'release_year_min'],
    ['budget_max=1,5', 'budget_max'],
    ['probability_min=NaN', 'probability_min'],
    ['q=a%00b', 'q'],
    ['media_title=%00', 'media_title'],
    ['seed=%00&order=random', 'seed'],
    ['imdb_id=tt1,tt%002', 'imdb_id'],
    ['genre=%00', 'genre'],
    ['origin_country=USA', 'origin_country'],
    ['original_language=e%00', 'original_language'],
    [`q=${'x'.repeat(501)}`, 'q'],
    [`imdb_id=${Array.from({ length: 201 }, (_, i) => `tt${i}`)}`, 'imdb_id'],
  ])('%s', async (query, pointer) => {
    const { status, body } = await list(query);
    expect(status).toBe(422);
    expect(body.errors).not.toHaveLength(0);
    for (const error of body.errors ?? []) expect(error).toMatchObject({ in: 'query', pointer });
    expect(body.message).toContain(pointer);
  });

  test('several at once are all named', async () => {
    const { body } = await list('limit=-1&reviewed=maybe&order=worst');
    expect(body.errors?.map(({ pointer }) => pointer).toSorted()).toEqual(['limit', 'order', 'reviewed']);
  });

  test('an id in the path that is not valid', async () => {
    for (const id of ['nm0000001', 'tt1', 'tt123456789', 'tt1234567%00', 'tt1234567%0A', '%20tt1234567', "tt'--"]) {
      const { status, body } = await app.call<Problem>('GET', `/training/${id}`);
      expect(status).toBe(422);
      expect(body.errors).toMatchObject([{ in: 'path', pointer: 'imdb_id' }]);
    }
  });
});

test.each([
  'budget_min=1e308',
  'budget_max=-1e308',
  'budget_min=Infinity',
  'release_year_min=99999999999999999999',
  'release_year_max=-32769',
  'imdb_votes_min=2147483648',
  'tmdb_rating_min=1e-300',
  'probability_max=1e400',
  'runtime_min=0.0000000000000000000000000001',
])('a huge or tiny bound is compared, not refused: %s', async (query) => {
  expect((await list(query)).status).toBe(200);
});

test.each([
  "'; DROP TABLE atp.training; --",
  "' OR '1'='1",
  '" OR 1=1 --',
  '$1',
  ':id',
  '?',
  '\\',
  "\\'; select pg_sleep(10); --",
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '{{7*7}}',
  '%25',
  '\u202egnirts',
  '\u{1f3ac}',
  '\ud800',
  '\u0130\u0131ß',
  '../../etc/passwd',
  '{a,b}',
  'NULL',
])('text that means something elsewhere is only text here: %s', async (text) => {
  const value = encodeURIComponent(text.toWellFormed());
  for (const name of ['q', 'media_title', 'imdb_id', 'genre', 'seed', 'original_language', 'origin_country', value]) {
    const reply = await list(`${name}=${value}${name === 'seed' ? '&order=random' : ''}`);
    expect([200, 422]).toContain(reply.status);
    if (name === 'q' && text === '\\') {
      for (const { media_title } of reply.body.data) expect(media_title).toContain(text);
    }
  }
  const written = await app.call('PATCH', `/training/${value}/would_watch`);
  expect([404, 422]).toContain(written.status);
  expect(await app.db.selectFrom('atp.training').select('imdb_id').execute()).toHaveLength(sampleTitles.length);
});

describe('a parameter with a single value that is sent more than once', () => {
  test.each([
    ['media_type=tv_show&media_type=movie', 'media_type=movie', 'media_type'],
    ['anomalous=true&anomalous=False', 'anomalous=false', 'anomalous'],
    ['limit=7&limit=3&limit=3', 'limit=3', 'limit'],
    [
      'sort_by=created_at&sort_by=release_year&sort_order=desc&sort_order=ASC',
      'sort_by=release_year&sort_order=asc',
      'sort_by, sort_order',
    ],
    ['sort_by=release_year&sort_by=popularity', '', 'sort_by'],
    ['release_year_min=2100&release_year_min=1993', 'release_year_min=1993', 'release_year_min'],
    ['q=nothing&q=matrix&colour=1&colour=2', 'q=matrix', 'colour, q'],
    ['q=nothing&q=', '', 'q'],
    ['anomalous=&anomalous=true', 'anomalous=true', 'anomalous'],
  ])('%s: the last value counts, and the header names it', async (query, same, named) => {
    const { status, body, headers } = await list(query);
    expect(status).toBe(200);
    expect(body.data).toEqual((await list(same)).body.data);
    expect(headers['x-unknown-parameters']).toBe(named);
  });

  test('is 422 for strict clients, by name', async () => {
    const { status, body } = await strictly('label=none&label=would_watch');
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer: 'label' }]);
  });

  test.each(['imdb_id=tt1000000&imdb_id=tt1000001', 'genre=War&genre='])(
    'is not %s: lists have many values',
    async (query) => {
      const { status, headers } = await strictly(query);
      expect(status).toBe(200);
      expect(headers['x-unknown-parameters']).toBeUndefined();
    },
  );
});

describe('unknown parameters', () => {
  test('are ignored and reported', async () => {
    const reply = await list('page_size=5&colour=blau&limit=3');
    expect(reply.status).toBe(200);
    expect(reply.headers['x-unknown-parameters']).toBe('page_size, colour');
    expect(reply.body.data).toHaveLength(3);
  });

  test('a strict caller is refused, with the known ones', async () => {
    const { status, body } = await strictly('colour=blau&limit=3');
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer: 'colour' }]);
    expect(body.known_parameters).toContain('media_title');
    expect(body.message).toContain('colour');
  });

  test.each([
    'handling=strict',
    'respond-async, handling=strict',
    'respond-async;x="y", handling="strict"',
    'Handling = Strict',
  ])('Prefer: %s is strict', async (prefer) => {
    expect((await list('colour=blau', { prefer })).status).toBe(422);
  });
  test.each(['handling=lenient', 'handling=stricter', 'mishandling=strict', ''])(
    'Prefer: %s is not',
    async (prefer) => {
      expect((await list('colour=blau', { prefer })).status).toBe(200);
    },
  );

  test('are reported on every operation, also on one that takes none', async () => {
    const paths = ['/training/stats', '/training/sessions', '/flyway', '/flyway/migrations', '/meta', '/health', '/'];
    for (const path of paths) {
      expect((await app.call('GET', `${path}?zzz=1`)).headers['x-unknown-parameters']).toBe('zzz');
      expect((await app.call('GET', `${path}?zzz=1`, { headers: { prefer: 'handling=strict' } })).status).toBe(422);
    }
  });

  test.each([
    ['\u{1f3ac}=1', '%F0%9F%8E%AC'],
    ['a%0D%0ASet-Cookie:%20x=1', 'a%0D%0ASet-Cookie%3A%20x'],
    ['%00=1', '%00'],
    ['%C3%28=1', undefined],
    ['%ED%A0%80=1', undefined],
    ['__proto__=1&constructor=2&toString=3&hasOwnProperty=4', '__proto__, constructor, toString, hasOwnProperty'],
    ['a%2C%20b=1', 'a%2C%20b'],
    ['=1', undefined],
    ['&&&', undefined],
  ])('no name can break the header: %s', async (query, header) => {
    const { status, headers } = await list(encodeURI(query).replaceAll('%25', '%'));
    expect(status).toBe(200);
    if (header !== undefined) expect(headers['x-unknown-parameters']).toBe(header);
  });

  test('only the first ten are reported, and never more than 500 bytes', async () => {
    const many = Array.from({ length: 300 }, (_, i) => `unknown${i}=1`).join('&');
    expect((await list(many)).headers['x-unknown-parameters']?.split(', ')).toEqual(
      Array.from({ length: 10 }, (_, i) => `unknown${i}`),
    );
    const long = `${'\u{1f3ac}'.repeat(200)}=1&short=1`;
    const { status, headers } = await list(encodeURI(long));
    expect(status).toBe(200);
    expect(headers['x-unknown-parameters']).toBe('short');
    const refused = await strictly(many);
    expect(refused.status).toBe(422);
    expect(refused.body.errors).toHaveLength(10);
  });
});

describe('/training forgives what the original forgave, and says so', () => {
  const reported = async (query: string) => {
    const reply = await list(query);
    expect(reply.status).toBe(200);
    return [reply.headers['x-unknown-parameters'], ids(reply)] as const;
  };

  test('an unknown sort is the default one as a whole', async () => {
    const newest = ids(await list(''));
    expect(await reported('sort_by=popularity')).toEqual(['sort_by', newest]);
    expect(await reported('sort_by=popularity&sort_order=asc')).toEqual(['sort_by', newest]);
    expect(await reported('sort_order=sideways')).toEqual(['sort_order', newest]);
    expect(await reported('sort_by=label&sort_by=imdb_id;drop')).toEqual(['sort_by', newest]);
  });

  test('a limit too high becomes the highest', async () => {
    const { status, body, headers } = await list('limit=99999999999999999999');
    expect(status).toBe(200);
    expect(body.pagination.limit).toBe(2_147_483_647);
    expect(headers['x-unknown-parameters']).toBe('limit');
  });

  test('unknown and forgiven names come together', async () => {
    expect((await reported('colour=1&limit=2147483648&sort_by=x'))[0]).toBe('colour, sort_by, limit');
  });

  test.each([
    ['sort_by=popularity', 'sort_by'],
    ['sort_order=sideways', 'sort_order'],
    ['limit=2147483648', 'limit'],
  ])('a strict caller is refused: %s', async (query, pointer) => {
    const { status, body } = await strictly(query);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ in: 'query', pointer }]);
  });

  test('no other list forgives', async () => {
    for (const query of ['sort_by=popularity', 'sort_order=sideways']) {
      expect((await app.call('GET', `/flyway?${query}`)).status).toBe(422);
    }
    expect((await app.call('GET', '/training/sessions?limit=1001')).status).toBe(422);
  });
});

describe('an address that is sent again gets the same reply', () => {
  test.each([
    'sort_by=media_title&limit=2&genre=Drama,War&release_year_min=1900&anomalous=no',
    'limit=2&offset=1&sort_by=imdb_id',
    'order=random&seed=a%20b&limit=1&q=a&q=',
    'limit=2&colour=red',
    'label=none&label=any',
    'sort_by=random&sort_order=asc',
    'limit=abc&offset=1&reviewed=yes',
    'media_type=film&limit=1',
    'limit=1&cursor=WyJ4Il0',
    'sort_by=media_title&order=uncertain',
  ])('%s', async (query) => {
    const seen = [];
    for (const send of [list, list, strictly, list, strictly, list]) {
      const { status, body, headers } = await send(query);
      const { data, pagination, errors, message } = body;
      const reported = headers['x-unknown-parameters'];
      seen.push({ send, reply: { status, data, pagination, errors, message, reported } });
    }
    for (const send of [list, strictly]) {
      const [first, ...others] = seen.filter((one) => one.send === send).map(({ reply }) => reply);
      for (const other of others) expect(other).toEqual(first);
    }
  });

  test('behind a cursor, and after many other addresses', async () => {
    const first = await list('limit=1&sort_by=imdb_id');
    const after = `limit=1&sort_by=imdb_id&cursor=${first.body.pagination.next_cursor}`;
    const second = await list(after);
    expect(ids(second)).not.toEqual(ids(first));
    for (let i = 0; i < 210; i += 1) expect((await list(`limit=0&tmdb_votes_min=${i}`)).body.data).toEqual([]);
    for (let i = 0; i < 2; i += 1) {
      expect((await list('limit=1&sort_by=imdb_id')).body).toEqual(first.body);
      expect((await list(after)).body).toEqual(second.body);
    }
  });
});
