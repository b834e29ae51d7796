import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleItem } from '@at/api/sample-queue';
import { type Product, type ProductOptions, startProduct } from '#harness/product.ts';

/** A program that starts and queries products over HTTP, for tests that have a DOM in their own process. */

type Command = { name: string; id: number; options: ProductOptions; item: SampleItem; text: string; values: unknown[] };

const products: Product[] = [];

/** No page waits for less, however busy the machine is. */
const timing = { statementTimeout: 60_000, connectTimeout: 60_000 };

const commands: Record<string, (command: Command) => Promise<unknown>> = {
  start: async ({ options }) => {
    const product = await startProduct({ ...options, timing });
    return { id: products.push(product) - 1, url: product.url };
  },
  query: async ({ id, text, values }) => {
    const product = products[id];
    const result = await product?.db.query(text, values);
    // The event of the change comes a moment later.
    product?.dropCounts();
    return result?.rows;
  },
  queueItem: async ({ id, item }) => {
    const inserted = await products[id]?.insertQueueItem(item);
    products[id]?.dropCounts();
    return inserted;
  },
  close: async ({ id }) => void (await products[id]?.close()),
};

const server = createServer(async (request, response) => {
  try {
    const command = JSON.parse((await request.toArray()).join('')) as Command;
    response.end(JSON.stringify((await commands[command.name]?.(command)) ?? null));
  } catch (error) {
    response.writeHead(500).end(JSON.stringify(String(error)));
  }
});
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('disconnect', () => process.exit());
