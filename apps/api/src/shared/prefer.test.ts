import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { tellUnknown } from './prefer.ts';

/** What is left in the header after `calls` of names told one after the other. */
function told(...calls: string[][]): string | undefined {
  const headers = new Map<string, string>();
  const reply = {
    getHeader: (name: string) => headers.get(name),
    header: (name: string, value: string) => headers.set(name, value),
  } as unknown as FastifyReply;
  for (const names of calls) tellUnknown(reply, names);
  return headers.get('x-unknown-parameters');
}

test('names told one after the other stand together, ten at most', () => {
  expect(told(['a', 'b'], ['c'])).toBe('a, b, c');
  expect(told(['a', 'b', 'c', 'd', 'e', 'f'], ['g', 'h', 'i', 'j', 'k', 'l'])).toBe('a, b, c, d, e, f, g, h, i, j');
});

test('a name that has no UTF-8 form is told all the same', () => {
  expect(told(['\ud800', 'b'])).toBe('%EF%BF%BD, b');
});

test('500 bytes are not exceeded, and one long name does not hide the others', () => {
  expect(told(['x'.repeat(500)])).toBe('x'.repeat(500));
  expect(told(['x'.repeat(501)])).toBeUndefined();
  expect(told(['a', 'x'.repeat(498), 'b'])).toBe('a, b');
});
