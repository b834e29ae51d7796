import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationSets } from './migrate.ts';
import {
  checksum,
  compareHistory,
  compareVersions,
  findProblems,
  type HistoryRow,
  isOwnHistory,
  type Migration,
  parseMigration,
  readMigrations,
  splitStatements,
} from './migration-files.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');

describe('checksum', () => {
  // Computed with Python: zlib.crc32 of the lines without line endings, as a signed 32-bit integer.
  const twoLines = -1665099012;

  test.each([
    ['LF', 'SELECT 1;\nSELECT 2;\n'],
    ['CRLF', 'SELECT 1;\r\nSELECT 2;\r\n'],
    ['a lone CR', 'SELECT 1;\rSELECT 2;\r'],
    ['no end of the last line', 'SELECT 1;\nSELECT 2;'],
    ['empty lines', '\nSELECT 1;\n\n\nSELECT 2;\n\n'],
    ['a byte order mark', '\uFEFFSELECT 1;\nSELECT 2;\n'],
  ])('is the same with %s', (_, text) => {
    expect(checksum(bytes(text))).toBe(twoLines);
  });

  test('counts characters outside ASCII as UTF-8', () => {
    expect(checksum(bytes("SELECT 'Amélie 天';\n"))).toBe(-714553084);
  });

  test('of nothing is 0', () => {
    expect(checksum(bytes(''))).toBe(0);
  });

  test('differs when a blank at the end of a line or a second byte order mark is added', () => {
    expect(checksum(bytes('SELECT 1; \nSELECT 2;\n'))).not.toBe(twoLines);
    expect(checksum(bytes('\uFEFF\uFEFFSELECT 1;\nSELECT 2;\n'))).not.toBe(twoLines);
  });
});

test('versions are ordered numerically, part by part', () => {
  const ordered = ['0', '1', '1.0.1', '1.2', '1.10', '2', '10', '20240101'];
  expect(['10', '1.10', '2', '20240101', '1.2', '0', '1.0.1', '1'].sort(compareVersions)).toEqual(ordered);
  expect(compareVersions('1', '1.0')).toBe(0);
  expect(compareVersions('01', '1')).toBe(0);
});

describe('a file', () => {
  test('has version and description as Flyway records them', () => {
    expect(parseMigration('V1_2_3__two_words__and_more.sql', bytes('SELECT 1;'))).toEqual({
      version: '1.2.3',
      description: 'two words  and more',
      script: 'V1_2_3__two_words__and_more.sql',
      checksum: checksum(bytes('SELECT 1;')),
      sql: 'SELECT 1;',
    });
    expect(parseMigration('V1.2__x.sql', bytes('SELECT 1;')).version).toBe('1.2');
  });

  test.each(['V1_x.sql', 'v1__x.sql', '1__x.sql', 'V__x.sql', 'V1__.sql', 'R__x.sql', 'V1a__x.sql', 'V1.__x.sql'])(
    'is refused when it is called %s',
    (name) => {
      expect(() => parseMigration(name, bytes('SELECT 1;'))).toThrow(`${name} is not a valid migration name`);
    },
  );

  test.each([
    ['a placeholder', "SELECT '$" + "{schema}';", 'Flyway would replace as a placeholder'],
    ['a COMMIT', 'CREATE TABLE a (b int); COMMIT; CREATE TABLE c (d int);', 'controls transactions itself ("COMMIT")'],
    ['both kinds of statement', 'CREATE TABLE a (b int); CREATE INDEX CONCURRENTLY i ON a (b);', 'mixes statements'],
  ])('is refused with %s', (_, sql, reason) => {
    expect(() => parseMigration('V1__x.sql', bytes(sql))).toThrow(reason);
  });

  test('is refused when it is not UTF-8', () => {
    expect(() => parseMigration('V1__x.sql', Buffer.from([0x2d, 0x2d, 0xe9]))).toThrow('V1__x.sql is not UTF-8');
  });

  test('runs outside of a transaction only if every statement must', () => {
    const outside = parseMigration(
      'V1__x.sql',
      bytes('-- why; so\nDROP INDEX CONCURRENTLY IF EXISTS i;\ncreate unique index concurrently i\n  ON a (b);\n'),
    );
    expect(outside.statements).toEqual([
      'DROP INDEX CONCURRENTLY IF EXISTS i',
      'create unique index concurrently i\n  ON a (b)',
    ]);
    const inside = bytes("-- CREATE INDEX CONCURRENTLY\nSELECT 'VACUUM; VACUUM'; SELECT $$;VACUUM;$$;");
    expect(parseMigration('V1__x.sql', inside).statements).toBeUndefined();
  });
});

test('statements are split at semicolons outside of strings, names, bodies and comments only', () => {
  expect(
    splitStatements(`SELECT ';''', "a;""b", E'\\';' -- c;d
      , $1; /* e;
      */ DO $$ BEGIN; END $$; DO $x$ $$;$$ $x$;; SELECT 1`),
  ).toEqual([
    expect.stringMatching(/^SELECT ';''', "a;""b", E'\\';' {2}\s*, \$1$/),
    'DO $$ BEGIN; END $$',
    'DO $x$ $$;$$ $x$',
    'SELECT 1',
  ]);
});

describe('a directory', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'migrations-'));
    for (const name of ['V10__ten.sql', 'V2__two.sql', 'V1__one.sql', 'README.md']) {
      await writeFile(join(directory, name), 'SELECT 1;');
    }
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('is sorted by version, 2 before 10', async () => {
    expect((await readMigrations(directory)).map(({ script }) => script)).toEqual([
      'V1__one.sql',
      'V2__two.sql',
      'V10__ten.sql',
    ]);
  });

  test('with a duplicate version is refused', async () => {
    await writeFile(join(directory, 'V2.0__again.sql'), 'SELECT 1;');
    await expect(readMigrations(directory)).rejects.toThrow('have the same version');
  });
});

describe('the shipped sets', () => {
  test('number their migrations 1, 2, 3 without a gap', async () => {
    for (const { directory } of Object.values(migrationSets)) {
      const versions = (await readMigrations(directory)).map(({ version }) => version);
      expect(versions).toEqual(versions.map((_, index) => String(index + 1)));
    }
  });

  test('build each extra index concurrently, alone in its file, after dropping the leftover of an interrupted build', async () => {
    const extras = await readMigrations(migrationSets['atp-extras'].directory);
    const isTransactional = ({ script }: Migration) =>
      /__(trigram_search|\w+_(?:events|changes)|fold|\w+_statistics)\.sql$/.test(script);
    for (const { script, statements } of extras.filter(isTransactional)) expect(statements, script).toBeUndefined();
    const former = ({ script }: Migration) => /__former_\w+\.sql$/.test(script);
    for (const { statements = [] } of extras.filter(former)) {
      for (const statement of statements)
        expect(statement).toMatch(/^DROP INDEX CONCURRENTLY IF EXISTS atp\.console_\w+$/);
    }
    for (const { script, statements } of extras.filter((one) => !isTransactional(one) && !former(one))) {
      const name = `console_${/__(\w+)\.sql$/.exec(script)?.[1]}`;
      expect(statements, script).toEqual([
        `DROP INDEX CONCURRENTLY IF EXISTS atp.${name}`,
        expect.stringMatching(new RegExp(`^CREATE INDEX CONCURRENTLY ${name}\\s+ON atp\\.`)),
      ]);
    }
  });
});

describe('history and files', () => {
  const file = (version: string, own = Number(version) * 100): Migration => ({
    version,
    description: `number ${version}`,
    script: `V${version}__number_${version}.sql`,
    checksum: own,
    sql: '',
  });
  const row = (rank: number, version: string | null, more: Partial<HistoryRow> = {}): HistoryRow => ({
    installed_rank: rank,
    version,
    description: `number ${version}`,
    type: 'SQL',
    script: `V${version}__number_${version}.sql`,
    checksum: Number(version) * 100,
    installed_by: 'someone',
    installed_on: '2025-05-21T02:27:51.094287Z',
    execution_time: 5,
    success: true,
    ...more,
  });
  const schemaRow = row(0, null, {
    description: '<< Flyway Schema Creation >>',
    type: 'SCHEMA',
    script: '"console"',
    checksum: null,
  });
  const baselineRow = row(1, '0', { description: '<< Flyway Baseline >>', type: 'BASELINE', checksum: null });
  const states = (files: Migration[], rows: HistoryRow[]) =>
    compareHistory(files, rows).map(({ version, state }) => [version, state]);

  test('give each row and each file one state', () => {
    expect(
      states(
        [file('1'), file('2'), file('3'), file('5'), file('10')],
        [schemaRow, row(1, '1'), row(2, '2', { checksum: 7 }), row(3, '4'), row(4, '3', { success: false })],
      ),
    ).toEqual([
      [null, 'applied'],
      ['1', 'applied'],
      ['2', 'changed'],
      ['4', 'missing'],
      ['3', 'failed'],
      ['5', 'pending'],
      ['10', 'pending'],
    ]);
  });

  test('include both the recorded and the shipped checksum', () => {
    const [changed, pending] = compareHistory([file('1', 1), file('2', 2)], [row(1, '1')]);
    expect(changed).toEqual({
      state: 'changed',
      installed_rank: 1,
      version: '1',
      description: 'number 1',
      type: 'SQL',
      script: 'V1__number_1.sql',
      checksum: 100,
      shipped_checksum: 1,
      shipped_description: 'number 1',
      installed_by: 'someone',
      installed_on: '2025-05-21T02:27:51.094287Z',
      execution_time: 5,
    });
    expect(pending).toMatchObject({
      state: 'pending',
      checksum: null,
      shipped_checksum: 2,
      shipped_description: 'number 2',
      installed_rank: null,
    });
  });

  test('differ when only the description differs', () => {
    expect(states([file('1')], [row(1, '1', { description: 'other' })])).toEqual([['1', 'changed']]);
  });

  test('belong together when the first version and checksum are the same', () => {
    expect(isOwnHistory([file('1'), file('2')], [])).toBe(true);
    expect(
      isOwnHistory([file('1'), file('2')], [schemaRow, baselineRow, row(2, '1'), row(3, '2', { checksum: 1 })]),
    ).toBe(true);
    expect(isOwnHistory([file('1')], [row(1, '1', { checksum: 1 })])).toBe(false);
    expect(isOwnHistory([file('1')], [row(1, '2')])).toBe(false);
    expect(isOwnHistory([file('1')], [{ ...baselineRow, version: '1' }])).toBe(false);
    expect(isOwnHistory([], [row(1, '1')])).toBe(false);
  });

  test('that match have no problem, even with pending versions above', () => {
    expect(findProblems([file('1'), file('2'), file('10')], [baselineRow, row(2, '1'), row(3, '2')])).toEqual([]);
  });

  describe('after a repair by Flyway, which adds a row of type DELETE', () => {
    const deletes = (rank: number, version: string | null, more: Partial<HistoryRow> = {}) =>
      row(rank, version, { type: 'DELETE', ...more });

    test.each<[string, string[], HistoryRow[], [string | null, string][]]>([
      [
        'the deleted migration is neither missing nor a problem',
        ['1', '3'],
        [row(1, '1'), row(2, '2'), row(3, '3'), deletes(4, '2')],
        [
          ['1', 'applied'],
          ['2', 'deleted'],
          ['3', 'applied'],
          ['2', 'applied'],
        ],
      ],
      [
        'a file of its version runs again',
        ['1', '2'],
        [row(1, '1'), row(2, '2', { checksum: 7 }), deletes(3, '2')],
        [
          ['1', 'applied'],
          ['2', 'deleted'],
          ['2', 'applied'],
          ['2', 'pending'],
        ],
      ],
      [
        'and once it has run, that run counts',
        ['1', '2'],
        [row(1, '1'), row(2, '2', { checksum: 7 }), deletes(3, '2'), row(4, '2')],
        [
          ['1', 'applied'],
          ['2', 'deleted'],
          ['2', 'applied'],
          ['2', 'applied'],
        ],
      ],
      [
        'each takes the latest run before it',
        ['1'],
        [row(1, '1'), row(2, '2'), deletes(3, '2'), row(4, '2'), deletes(5, '2.0')],
        [
          ['1', 'applied'],
          ['2', 'deleted'],
          ['2', 'applied'],
          ['2', 'deleted'],
          ['2.0', 'applied'],
        ],
      ],
      [
        'a repeatable one is found by its description',
        ['1'],
        [row(1, '1'), row(2, null, { description: 'views' }), row(3, null), deletes(4, null, { description: 'views' })],
        [
          ['1', 'applied'],
          [null, 'deleted'],
          [null, 'missing'],
          [null, 'applied'],
        ],
      ],
      [
        'a failed one deletes nothing, nor does it stand for a migration',
        ['1'],
        [row(1, '1'), row(2, '2'), deletes(3, '2', { success: false })],
        [
          ['1', 'applied'],
          ['2', 'missing'],
          ['2', 'failed'],
        ],
      ],
    ])('%s', (_what, versions, rows, expected) => {
      const files = versions.map((version) => file(version));
      // As the database may return them.
      expect(states(files, rows.toReversed())).toEqual(expected);
      const open = expected.filter(([, state]) => state === 'missing' || state === 'failed');
      expect(findProblems(files, rows)).toHaveLength(open.length);
    });

    test('the history stays ours, also when its first migration was deleted', () => {
      expect(isOwnHistory([file('1')], [row(1, '1'), deletes(2, '1')])).toBe(true);
      expect(isOwnHistory([file('1')], [row(1, '7'), deletes(2, '7')])).toBe(false);
    });

    test('a deleted migration does not make older files out of order', () => {
      expect(findProblems([file('1'), file('2')], [row(1, '1'), row(2, '3'), deletes(3, '3')])).toEqual([]);
    });
  });

  test('a renamed file is reported as renamed, not as changed', () => {
    const [problem] = findProblems([file('1')], [row(1, '1', { description: 'first', script: 'V1__first.sql' })]);
    expect(problem).toMatch(/version 1 was renamed .* was "first" and is "number 1".*former name, V1__first\.sql\.$/);
    expect(problem).not.toContain('checksum');
    expect(findProblems([file('1', 5)], [row(1, '1', { description: 'first' })])[0]).toContain('checksum');
  });

  test.each([
    ['failed', [file('1')], [row(1, '1', { success: false })], /^V1__.* failed halfway .* run repair and migrate\.$/],
    ['changed', [file('1', 5)], [row(1, '1')], /^V1__.* was changed .*\(recorded checksum 100, file 5\)/],
    ['missing', [file('1')], [row(1, '1'), row(2, '2')], /^V2__.* is not shipped here/],
    [
      'out of order',
      [file('1'), file('2'), file('10')],
      [row(1, '1'), row(2, '10')],
      /^V2__.* is older than version 10/,
    ],
  ])('raise one sentence for what is %s', (_, files, rows, sentence) => {
    expect(findProblems(files, rows)).toEqual([expect.stringMatching(sentence)]);
  });
});
