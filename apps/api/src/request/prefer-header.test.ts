import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { reportUnknown } from './prefer-header.ts';

/** What is left in the header after `calls` of names headerAfter one after the other. */
function headerAfter(...calls: string[][]): string | undefined {
  const headers = new Map<string, string>();
  const reply = {
    getHeader: (name: string) => headers.get(name),
    header: (name: string, value: string) => headers.set(name, value),
  } as unknown as FastifyReply;
  for (const names of calls) reportUnknown(reply, names);
  return headers.get('x-unknown-parameters');
}

test('names headerAfter one after the other stand together, ten at most', () => {
  expect(headerAfter(['a', 'b'], ['c'])).toBe('a, b, c');
  expect(headerAfter(['a', 'b', 'c', 'd', 'e', 'f'], ['g', 'h', 'i', 'j', 'k', 'l'])).toBe(
    'a, b, c, d, e, f, g, h, i, j',
  );
});

test('a name that has no UTF-8 form is headerAfter all the same', () => {
  expect(headerAfter(['\ud800', 'b'])).toBe('%EF%BF%BD, b');
});

test('500 bytes are not exceeded, and one long name does not hide the others', () => {
  expect(headerAfter(['x'.repeat(500)])).toBe('x'.repeat(500));
  expect(headerAfter(['x'.repeat(501)])).toBeUndefined();
  expect(headerAfter(['a', 'x'.repeat(498), 'b'])).toBe('a, b');
});
