import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { breakingChanges, type Document } from './openapi-changes.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document is changed at any place of it.
type Loose = any;

const file = fileURLToPath(new URL('../../openapi.json', import.meta.url));
const committed = () => JSON.parse(readFileSync(file, 'utf8')) as Loose;

/** What the committed document says after a change of it. */
function changed(change: (document: Loose) => void): string[] {
  const document = committed();
  change(document);
  return breakingChanges(committed(), document);
}
const prefix = '/rear-diff';
const operation = (document: Loose, name: string) => {
  const [method, path] = name.split(' ') as [string, string];
  return document.paths[`${prefix}${path}`][method.toLowerCase()];
};
const parameter = (document: Loose, name: string, of: string) =>
  operation(document, of).parameters.find((one: Loose) => one.name === name);
const bodyOf = (document: Loose, name: string) =>
  operation(document, name).requestBody.content['application/json'].schema;
const replyOf = (document: Loose, name: string) =>
  operation(document, name).responses[200].content['application/json'].schema;

test('the same document breaks nothing', () => {
  expect(changed(() => {})).toEqual([]);
});

describe('a change that breaks callers is reported in a sentence', () => {
  const label = 'PATCH /training/{imdb_id}/label';
  const cases: [what: string, change: (document: Loose) => void, sentence: string][] = [
    ['a path', (d) => delete d.paths[`${prefix}/flyway`], '/rear-diff/flyway is gone.'],
    ['an operation', (d) => delete d.paths[`${prefix}/session`].delete, 'DELETE /rear-diff/session is gone.'],
    [
      'a parameter',
      (d) => {
        const list = operation(d, 'GET /training');
        list.parameters = list.parameters.filter((one: Loose) => one.name !== 'q');
      },
      'GET /rear-diff/training: the query parameter q is gone.',
    ],
    [
      'a parameter that became required',
      (d) => {
        parameter(d, 'q', 'GET /training').required = true;
      },
      'GET /rear-diff/training: the query parameter q is required.',
    ],
    [
      'a new parameter that is required',
      (d) => operation(d, 'GET /flyway').parameters.push({ name: 'team', in: 'query', required: true, schema: {} }),
      'GET /rear-diff/flyway: the query parameter team is required.',
    ],
    [
      'a word that a parameter took',
      (d) => parameter(d, 'label', 'GET /training').schema.enum.pop(),
      'GET /rear-diff/training: the query parameter label no longer takes none.',
    ],
    [
      'a parameter of another type',
      (d) => {
        parameter(d, 'media_title', 'GET /training').schema = { type: 'integer' };
      },
      'GET /rear-diff/training: the query parameter media_title no longer takes string.',
    ],
    [
      'a smaller bound',
      (d) => {
        parameter(d, 'limit', 'GET /media/').schema.maximum = 500;
      },
      'GET /rear-diff/media/: the query parameter limit has the maximum 500, not 1000.',
    ],
    [
      'another pattern',
      (d) => {
        parameter(d, 'imdb_id', label).schema.pattern = '^tt[0-9]{8}$';
      },
      'PATCH /rear-diff/training/{imdb_id}/label: the path parameter imdb_id has another pattern, ^tt[0-9]{8}$.',
    ],
    [
      'a member of a body that became required',
      (d) => bodyOf(d, label).required.push('decision_ms'),
      'PATCH /rear-diff/training/{imdb_id}/label: the body/decision_ms is required.',
    ],
    [
      'a member of a body that is no longer known',
      (d) => delete bodyOf(d, label).properties.decision_ms,
      'PATCH /rear-diff/training/{imdb_id}/label: the body/decision_ms is no longer known.',
    ],
    [
      'a body that became required',
      (d) => {
        operation(d, 'PATCH /media/{hash}/approve').requestBody.required = true;
      },
      'PATCH /rear-diff/media/{hash}/approve: a body is required.',
    ],
    [
      'a member of a reply, behind a reference',
      (d) => {
        delete d.components.schemas.FlywayRow.properties.script;
      },
      'GET /rear-diff/flyway: the reply 200/data/*/script is gone.',
    ],
    [
      'a member of a reply that may be absent',
      (d) => {
        const schema = replyOf(d, 'GET /health');
        schema.required = schema.required.filter((name: string) => name !== 'version');
      },
      'GET /rear-diff/health: the reply 200/version may be absent.',
    ],
    [
      'a member of a reply that may be null',
      (d) => {
        replyOf(d, 'GET /health').properties.version = { anyOf: [{ type: 'string' }, { type: 'null' }] };
      },
      'GET /rear-diff/health: the reply 200/version may be null.',
    ],
    [
      'a member of a reply of another type',
      (d) => {
        d.components.schemas.FlywayRow.properties.checksum = { anyOf: [{ type: 'string' }, { type: 'null' }] };
      },
      'GET /rear-diff/flyway: the reply 200/data/*/checksum may be string.',
    ],
    [
      'a status',
      (d) => delete operation(d, 'GET /training/{imdb_id}').responses[404],
      'GET /rear-diff/training/{imdb_id}: the status 404 is gone.',
    ],
    [
      'a content type',
      (d) => delete operation(d, 'GET /training/export').responses[200].content['text/csv'],
      'GET /rear-diff/training/export: the reply 200 is no longer text/csv.',
    ],
    [
      'a role that is too small by now',
      (d) => {
        operation(d, label)['x-least-role'] = 'admin';
      },
      'PATCH /rear-diff/training/{imdb_id}/label: it needs the role admin, not operator.',
    ],
  ];
  test.each(cases)('%s', (_what, change, sentence) => {
    expect(changed(change)).toContain(sentence);
  });
});

describe('a change that callers do not notice is not reported', () => {
  const cases: [what: string, change: (document: Loose) => void][] = [
    [
      'a new path, operation, parameter and status',
      (d) => {
        d.paths[`${prefix}/new`] = d.paths[`${prefix}/health`];
        d.paths[`${prefix}/health`].post = d.paths[`${prefix}/health`].get;
        operation(d, 'GET /flyway').parameters.push({ name: 'team', in: 'query', schema: { type: 'string' } });
        operation(d, 'GET /flyway').responses[418] = { description: '' };
      },
    ],
    [
      'a wider parameter',
      (d) => {
        parameter(d, 'label', 'GET /training').schema.enum.push('undecided');
        parameter(d, 'limit', 'GET /media/').schema.maximum = 5000;
        parameter(d, 'budget_min', 'GET /training').schema = {};
      },
    ],
    [
      'a body that takes more, or needs less',
      (d) => {
        const body = bodyOf(d, 'PATCH /training/{imdb_id}/label');
        body.properties.note = { type: 'string' };
        body.required = [];
      },
    ],
    [
      'a reply that says more, or is surer',
      (d) => {
        d.components.schemas.FlywayRow.properties.team = { type: 'string' };
        d.components.schemas.FlywayRow.properties.checksum = { type: 'integer' };
        d.components.schemas.Activity.properties.type.enum.push('something.new');
      },
    ],
    [
      'a slash at the end of a path, which the API does not look at',
      (d) => {
        d.paths[`${prefix}/training/`] = d.paths[`${prefix}/training`];
        delete d.paths[`${prefix}/training`];
      },
    ],
    [
      'another description, order or example',
      (d) => {
        d.info.description = '';
        d.paths = Object.fromEntries(Object.entries(d.paths).toReversed());
        d.components.examples = {};
      },
    ],
  ];
  test.each(cases)('%s', (_what, change) => {
    expect(changed(change)).toEqual([]);
  });
});

test('a schema that holds itself is compared once', () => {
  const tree = (name: string): Document => ({
    paths: {
      '/tree': {
        get: { responses: { 200: { content: { json: { schema: { $ref: '#/components/schemas/Tree' } } } } } },
      },
    },
    components: {
      schemas: {
        Tree: {
          type: 'object',
          properties: {
            [name]: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
          },
        },
      },
    },
  });
  expect(breakingChanges(tree('leaf'), tree('leaf'))).toEqual([]);
  expect(breakingChanges(tree('leaf'), tree('blade'))).toEqual(['GET /tree: the reply 200/leaf is gone.']);
});

test('as a program it ends with 1 where something breaks, and with 0 where nothing does', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'at-openapi-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const document = committed();
  delete document.paths[`${prefix}/flyway`];
  const other = join(directory, 'after.json');
  writeFileSync(other, JSON.stringify(document));
  const program = fileURLToPath(new URL('openapi-changes.ts', import.meta.url));
  const run = (...files: string[]) => spawnSync(process.execPath, [program, ...files], { encoding: 'utf8' });
  const broken = run(file, other);
  expect([broken.status, broken.stderr]).toEqual([1, expect.stringContaining('/rear-diff/flyway is gone.\n')]);
  expect(run(other, file).status).toBe(0);
  expect(run(file).status).toBe(2);
});
