import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Each row of the page for clients of the original names a test, which exists. */

const page = new URL('../../apps/api/docs/compatibility.md', import.meta.url);
const rows = readFileSync(page, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** Text in quotes, then what a test or a group of tests does or is set to; not a comment or a value. */
const titlePattern = /(?<=(['"`]))[^\n]+(?=\1,(?: (?:async )?[({]|$))/gm;

test('the page has its tables', () => {
  expect(rows.length).toBeGreaterThan(30);
});

test.each(rows.filter((cells) => cells.at(-2) !== 'test').map((cells) => [cells[1] as string, cells.at(-2) as string]))(
  '%s',
  (_matter, cell) => {
    const links = [...cell.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)];
    expect(links).not.toEqual([]);
    for (const [, title = '', path = ''] of links) {
      const titles = readFileSync(new URL(path, page), 'utf8').match(titlePattern) ?? [];
      expect(titles.join('\n')).toContain(title);
    }
  },
);
