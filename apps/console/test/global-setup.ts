import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const server = fileURLToPath(new URL('../../e2e/src/harness/product-server.ts', import.meta.url));

/** Products run in a process of their own: the one of a test has a DOM. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const child = fork(server);
  const [url] = (await once(child, 'message')) as [string];
  provide('products', url);
  return async () => {
    child.disconnect();
    await once(child, 'exit');
  };
}
