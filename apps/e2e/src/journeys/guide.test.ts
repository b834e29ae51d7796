import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Product, startProduct } from '#harness/product.ts';

/** Runs every example of the guide and the README on the demo catalogue. */

let product: Product;
beforeAll(async () => {
  product = await startProduct();
});
afterAll(() => product.close());

type Example = { command: string; url: string; method: string; headers: Headers; body?: string; status: number };

/** Reads a `curl` command of a document; `# 422` behind it is the status it shows. Throws for an option not known here. */
function exampleOf(command: string): Example {
  const words = command.match(/'[^']*'|\S+/g)?.map((word) => word.replace(/^'(.*)'$/, '$1')) ?? [];
  const example: Example = { command, url: '', method: 'GET', headers: new Headers(), status: 200 };
  for (let i = 1; i < words.length; i += 1) {
    const word = words[i] as string;
    const following = () => words[++i] as string;
    if (word === '-X') example.method = following();
    else if (word === '-d') example.body = following();
    else if (word === '-H') example.headers.append(...(following().split(/: (.*)/, 2) as [string, string]));
    else if (word === '-o') following();
    else if (word === '#') example.status = Number(following());
    else if (word.startsWith('http://localhost:8000/')) example.url = word.slice('http://localhost:8000'.length);
    else if (!['-i', '-N'].includes(word)) throw new Error(`${command}: what is ${word}?`);
  }
  return example;
}

const documents = ['apps/api/docs/guide.md', 'README.md'].map((name) => ({
  name,
  text: readFileSync(new URL(`../../../../${name}`, import.meta.url), 'utf8'),
}));

describe.each(documents)('$name', ({ text }) => {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block as string);
  const commands = blocks
    .flatMap((block) => block.replace(/ *\\\n */g, ' ').split('\n'))
    .filter((line) => line.startsWith('curl '));

  test('has examples', () => {
    expect(commands.length).toBeGreaterThan(3);
  });

  const [shown] = /"pagination": (\{[^}]*\})/.exec(text)?.slice(1) ?? [];
  test.runIf(shown)('the page that it shows is the reply to its first example', async () => {
    const reply = await fetch(`${product.url}${exampleOf(commands[0] as string).url}`);
    const { pagination } = (await reply.json()) as { pagination: object };
    expect(pagination).toEqual(JSON.parse(shown as string));
  });

  test.each(commands.map(exampleOf))('$command', async ({ url, method, headers, body, status }) => {
    const given = new AbortController();
    const reply = await fetch(`${product.url}${url}`, {
      method,
      headers,
      signal: given.signal,
      ...(body === undefined ? {} : { body }),
    });
    expect(reply.status).toBe(status);
    // A stream goes on; its beginning is enough.
    given.abort();
  });
});
