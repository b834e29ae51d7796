import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { allEndpoints } from '../testing.ts';
import { openApiText } from './openapi.ts';

type Schema = Record<string, unknown>;
type Reply = { description: string; content?: Record<string, { schema: Schema }> };
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
  responses: Record<string, Reply>;
};
type Document = {
  openapi: string;
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
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
  const expected = allEndpoints.map(({ method, url }) => `${method} /rear-diff${url.replace(/:(\w+)/g, '{$1}')}`);
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
    const { 200: success, ...errors } = responses;
    const kinds = Object.values(success?.content ?? {});
    expect(kinds.length, name).toBeGreaterThan(0);
    for (const { schema } of kinds) expect(schema, name).toBeDefined();
    expect(success?.description, name).toBe(summary);
    for (const status of ['401', '403', '421', '422', '500', '503'])
      expect(Object.keys(errors), name).toContain(status);
    if (name.includes('{')) expect(Object.keys(errors), name).toEqual(expect.arrayContaining(['404', '422']));
    for (const [status, { description, content }] of Object.entries(errors)) {
      expect(description, `${name} ${status}`).toMatch(/^[A-Z].{10,}/);
      if (name.includes('/readyz') && status === '503') continue;
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

test('a body without a required member may be left out', () => {
  for (const { name, requestBody } of operations) {
    if (!requestBody) continue;
    const schema = requestBody.content['application/json']?.schema as { required?: string[] };
    expect(requestBody.required ?? false, name).toBe((schema.required ?? []).length > 0);
  }
});

test('every schema is valid JSON Schema 2020-12, and every reference leads somewhere', () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  const id = 'https://openapi.invalid/document';
  ajv.addSchema({ $id: id, components: document.components });
  const absolute = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll('"$ref":"#', `"$ref":"${id}#`));
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    expect(() => ajv.compile(absolute(schema) as object), name).not.toThrow();
  }
  for (const { name, responses, requestBody, parameters = [] } of operations) {
    const schemas = [
      ...parameters.map(({ schema }) => schema),
      ...[...Object.values(responses), requestBody].flatMap((part) =>
        Object.values(part?.content ?? {}).map(({ schema }) => schema),
      ),
    ];
    for (const schema of schemas) expect(() => ajv.compile(absolute(schema) as object), name).not.toThrow();
  }
});

test('every operation says which role may call it, and how a key is sent', () => {
  const schemes = Object.keys((document.components as { securitySchemes?: object }).securitySchemes ?? {});
  for (const operation of operations) {
    const {
      name,
      security,
      'x-least-role': role,
    } = operation as Operation & Record<string, unknown> & { name: string };
    const ways = (security as object[]).map((way) => Object.keys(way)[0]);
    expect(ways, name).toEqual(role === 'public' ? [] : schemes);
  }
});
