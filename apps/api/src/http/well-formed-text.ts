import fastifyPlugin from 'fastify-plugin';
import { invalidParts } from './api-error.ts';

/**
 * Refuses text with half of a surrogate pair, wherever a request has it: PostgreSQL cannot store it, and the driver would
 * silently store another character.
 */

/** Characters of a pointer in an answer. */
const longestPointer = 200;

export const surrogateFault = 'must be valid Unicode: it contains half of a surrogate pair';
const refusal = (where: 'query' | 'body' | 'header', pointer: string) =>
  invalidParts(where, [{ pointer, message: surrogateFault }]);

/** Whether a path, which is not UTF-8 and so has no route, encodes half of a surrogate pair. */
export const hasSurrogate = (path: string) => /%ed%[ab]/i.test(path);

/** The name of a parameter whose value is not UTF-8; a percent sign that encodes nothing is text. */
function badParameter(url: string): string | undefined {
  const query = url.slice(url.indexOf('?') + 1);
  if (!/%[89a-f]/i.test(query)) return undefined;
  for (const part of query.split('&')) {
    const [name = '', ...value] = part.split('=');
    try {
      decodeURIComponent(value.join('=').replace(/%(?![0-9a-f]{2})/gi, '%25'));
    } catch {
      return name;
    }
  }
  return undefined;
}

/** The JSON pointer of a bad text or name. */
function badMember(body: unknown): string | undefined {
  // A body can be nested deeper than the stack.
  const left: [value: unknown, pointer: string][] = [[body, '']];
  for (let next = left.pop(); next; next = left.pop()) {
    const [value, pointer] = next;
    if (typeof value === 'string' && !value.isWellFormed()) return pointer;
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (!name.isWellFormed()) return pointer;
      left.push([member, pointer.length < longestPointer ? `${pointer}/${name.slice(0, longestPointer)}` : pointer]);
    }
  }
  return undefined;
}

/** Node reads the bytes of headers as Latin-1; these three are a surrogate. */
const surrogateBytes = /\xed[\xa0-\xbf][\x80-\xbf]/;

export const wellFormedText = fastifyPlugin(async (app) => {
  app.addHook('preValidation', async ({ url, headers, body }) => {
    const parameter = badParameter(url);
    if (parameter !== undefined) throw refusal('query', parameter);
    const header = Object.keys(headers).find((name) => surrogateBytes.test(String(headers[name])));
    if (header !== undefined) throw refusal('header', header);
    const member = badMember(body);
    if (member !== undefined) throw refusal('body', member);
  });
});
