import { expect, it } from 'vitest';
import { curlOf } from './curl.ts';

it('a command repeats the request with its condition', () => {
  const url = "http://api/training/tt1/label?q=o'clock";
  expect(curlOf({ method: 'GET', url: 'http://api/meta' })).toBe("curl 'http://api/meta'");
  expect(curlOf({ method: 'PATCH', url, headers: { 'if-match': '"2025"' }, body: { label: "it's" } })).toBe(
    `curl -X PATCH -H 'if-match: "2025"' -H 'content-type: application/json' -d '{"label":"it'\\''s"}' ` +
      `'http://api/training/tt1/label?q=o'\\''clock'`,
  );
});
