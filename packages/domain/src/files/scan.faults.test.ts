import { beforeAll, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { expectSameResult } from '../../test/interrupted-scans.ts';

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});

test('kill -9 of a worker in the middle of a scan: another one finishes it with the same result', () =>
  expectSameResult(product, true));
