import { STATUS_CODES } from 'node:http';
import { pathOfEndpoint } from '@at/contracts/endpoint-path';
import type { Problem } from '@at/contracts/problem';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished, test } from 'vitest';
import { insertBatch } from '#test/sample-files.ts';
import { insertMedia, sampleHash } from '#test/sample-media.ts';
import { allEndpoints, insertTitles, startTestApp } from '#test/test-app.ts';
import { openApiText } from './openapi.ts';

type Schema = Record<string, unknown>;
type Media = { schema: Schema; example?: unknown; examples?: Record<string, { $ref: string }> };
type Reply = { description: string; content?: Record<string, Media> };
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, Reply>;
};
type Document = {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; examples: Record<string, { value: unknown }> };
};

const text = await openApiText();
const document = JSON.parse(text) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method.toUpperCase()} ${path}` })),
);

test('the document is the same every time', async () => {
  expect(await openApiText()).toBe(text);
});

test('every operation of the contracts is in it, and nothing else', () => {
  const expected = allEndpoints.map(({ method, url }) => {
    const path = pathOfEndpoint(url, { root: '', api: '/rear-diff' });
    return `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
  });
  expect(operations.map(({ name }) => name).toSorted()).toEqual(expected.toSorted());
});

test('every operation has a summary, a tag that is described, and an id of its own', () => {
  const tags = new Map(document.tags.map(({ name, description }) => [name, description]));
  for (const { name, summary, tags: own } of operations) {
    expect(summary, name).toMatch(/^[A-Z].{5,}[^.]$/);
    expect(own, name).toHaveLength(1);
    expect(tags.get(own[0] as string), name).toBeTruthy();
  }
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
});

test('every operation describes its replies: a success, and errors in the one form', () => {
  for (const { name, summary, responses } of operations) {
    const { 200: done, 202: accepted, ...errors } = responses;
    const success = done ?? accepted;
    const kinds = Object.values(success?.content ?? {});
    expect(kinds.length, name).toBeGreaterThan(0);
    for (const { schema } of kinds) expect(schema, name).toBeDefined();
    expect(success?.description, name).toBe(summary);
    for (const status of ['400', '421', '422', '500', '503']) expect(Object.keys(errors), name).toContain(status);
    if (name.includes('{')) expect(Object.keys(errors), name).toEqual(expect.arrayContaining(['404', '422']));
    for (const [status, { description, content }] of Object.entries(errors)) {
      expect(description, `${name} ${status}`).toMatch(/^[A-Z].{10,}/);
      if (/\/readyz|\/api\/health/.test(name) && status === '503') continue;
      if (status === '304') {
        expect(content, name).toBeUndefined();
        continue;
      }
      expect(content?.['application/problem+json']?.schema, `${name} ${status}`).toEqual({
        $ref: '#/components/schemas/Problem',
      });
    }
  }
});

test('every parameter is described, and required only in the path', () => {
  for (const { name, parameters = [] } of operations) {
    expect(parameters.filter((one) => one.in === 'path').map((one) => `{${one.name}}`)).toEqual(
      name.match(/\{\w+\}/g) ?? [],
    );
    for (const parameter of parameters) expect(parameter.required ?? false, name).toBe(parameter.in === 'path');
  }
});

test('a conditional write names If-Match, and every header of a reply is described', () => {
  const { headers } = document.components as { headers?: Record<string, { description: string }> };
  const named = new Set<string>();
  for (const { name, parameters = [], responses } of operations) {
    expect(
      parameters.some((one) => one.name === 'If-Match'),
      name,
    ).toBe('412' in responses);
    for (const { headers: headerRefs = {} } of Object.values(responses) as {
      headers?: Record<string, { $ref: string }>;
    }[]) {
      for (const [header, { $ref }] of Object.entries(headerRefs)) {
        expect($ref).toBe(`#/components/headers/${header}`);
        named.add(header);
      }
    }
  }
  expect([...named].toSorted()).toEqual(Object.keys(headers ?? {}).toSorted());
  for (const [header, { description }] of Object.entries(headers ?? {})) expect(description, header).toMatch(/^.{10,}/);
});

test('the example of a body names the id that the example of its path has', () => {
  let compared = 0;
  for (const { name, parameters = [], requestBody } of operations) {
    const body = (requestBody?.content['application/json']?.example ?? {}) as Record<string, unknown>;
    for (const one of parameters as { name: string; in: string; example?: unknown }[]) {
      if (one.in !== 'path' || !(one.name in body)) continue;
      expect(body[one.name], name).toBe(one.example);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(3);
});

test('no header is filled in where an operation is tried out', () => {
  for (const { name, parameters = [] } of operations) {
    for (const one of parameters.filter((parameter) => parameter.in === 'header')) {
      expect({ ...one, ...one.schema }, `${name} ${one.name}`).not.toHaveProperty('example');
    }
  }
});

test('a reply has the headers that its operation names', async () => {
  const app = await startTestApp();
  onTestFinished(() => app.close());
  const [imdb_id, hash] = ['tt2759766', sampleHash(1)];
  await insertTitles(app.db, [{ imdb_id, prediction: {} }]);
  await insertMedia(app.db, [{ hash }]);
  await app.call('PUT', '/settings', { body: { section: 'review', value: {} } });
  await insertBatch(app.db, 'batch_001');
  const reads = allEndpoints.filter(
    ({ method, config, url }) => method === 'GET' && config.replyHeaders && !/mlflow|poster|thumbnail|cover/.test(url),
  );
  expect(reads.length).toBeGreaterThan(10);
  for (const { url, config } of reads) {
    const path = url.replace(':imdb_id', imdb_id).replace(':hash', hash).replace(':id', 'batch_001');
    const { status, headers } = await app.call('GET', `${path}${url === '/settings' ? '?section=review' : ''}`);
    expect(status, path).toBe(200);
    for (const name of config.replyHeaders ?? [])
      expect(headers[name.toLowerCase()], `${name} of ${path}`).toBeDefined();
  }
});

test('a body without a required member may be left out', () => {
  for (const { name, requestBody } of operations) {
    if (!requestBody) continue;
    const schema = requestBody.content['application/json']?.schema as { required?: string[] };
    expect(requestBody.required ?? false, name).toBe((schema.required ?? []).length > 0);
  }
});

const id = 'https://openapi.invalid/document';
/** A validator of schemas of the document, whose references lead into it. */
function compiler() {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ $id: id, components: document.components });
  const compiled = new Map<string, ValidateFunction>();
  return (schema: Schema) => {
    const text = JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"${id}#`);
    const validate = compiled.get(text) ?? ajv.compile(JSON.parse(text));
    compiled.set(text, validate);
    return validate;
  };
}

test('every schema is valid JSON Schema 2020-12, and every reference leads somewhere', () => {
  const compile = compiler();
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    expect(() => compile(schema), name).not.toThrow();
  }
  for (const { name, responses, requestBody, parameters = [] } of operations) {
    const schemas = [
      ...parameters.map(({ schema }) => schema),
      ...[...Object.values(responses), requestBody].flatMap((part) =>
        Object.values(part?.content ?? {}).map(({ schema }) => schema),
      ),
    ];
    for (const schema of schemas) expect(() => compile(schema), name).not.toThrow();
  }
});

test('every body, reply and refusal of every operation has an example that its schema accepts', () => {
  const compile = compiler();
  for (const { name, requestBody, responses } of operations) {
    const parts: [string, Pick<Reply, 'content'>][] = [['body', requestBody ?? {}], ...Object.entries(responses)];
    for (const [part, { content = {} }] of parts) {
      for (const [kind, { schema, example, examples = {} }] of Object.entries(content)) {
        const where = `${name}, ${part}, ${kind}`;
        const [reference] = Object.values(examples);
        const shared = document.components.examples[reference?.$ref.split('/').at(-1) ?? ''];
        const value = reference ? shared?.value : example;
        expect(value, `${where}: add it to apps/api/docs/examples`).toBeDefined();
        const validate = compile(schema);
        expect(validate(value), `${where}: ${JSON.stringify(validate.errors)}`).toBe(true);
        if (!kind.startsWith('application/problem')) continue;
        const problem = value as Problem;
        expect([problem.status, problem.title]).toEqual([+part, STATUS_CODES[+part]]);
      }
    }
  }
});

test('every operation says which role may call it, how a key is sent, and how that is refused', () => {
  const schemes = Object.keys((document.components as { securitySchemes?: object }).securitySchemes ?? {});
  for (const operation of operations) {
    const {
      name,
      security,
      'x-least-role': role,
    } = operation as Operation & Record<string, unknown> & { name: string };
    const ways = (security as object[]).map((way) => Object.keys(way)[0]);
    expect(ways, name).toEqual(role === 'public' ? [] : schemes);
    const isRead = name.startsWith('GET ');
    const statuses = Object.keys(operation.responses);
    // Signing in is refused where its body holds no known key.
    expect(statuses.includes('401'), name).toBe(role !== 'public' || operation.operationId === 'openSession');
    // A foreign page may not write, and a role below the least may do nothing.
    expect(statuses.includes('403'), name).toBe(!isRead || !['public', 'viewer'].includes(String(role)));
  }
});
