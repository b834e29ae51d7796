import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '#test/test-app.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ template: 'empty', config: { REAR_DIFF_PREFIX: 'films' } });
});
afterAll(() => app.close());

test('the document is served below the prefix, and spells its paths with it', async () => {
  const { status, body } = await app.call<{ openapi: string; paths: object }>('GET', '/openapi.json');
  expect(status).toBe(200);
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths)).toContain('/films/training/{imdb_id}');
});

test('the page loads nothing that its own policy forbids, and nothing from elsewhere', async () => {
  const { status, text, headers } = await app.call('GET', '/docs');
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("script-src 'self'");
  const scripts = [...text.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)];
  expect(scripts.length).toBeGreaterThan(0);
  for (const [, attributes, inline] of scripts) {
    expect(inline?.trim()).toBe('');
    expect(attributes).toContain('src=');
  }
  const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url as string);
  for (const url of loaded) {
    expect(url).not.toMatch(/^(https?:)?\/\//);
    const { pathname } = new URL(url, 'http://localhost/films/docs');
    expect((await app.call('GET', `/${pathname}`)).status, url).toBe(200);
  }
});

test('/redoc leads to the page', async () => {
  const { status, headers } = await app.call('GET', '/redoc');
  expect(status).toBe(302);
  expect(headers.location).toBe('/films/docs');
});
