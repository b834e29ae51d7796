import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { type FilesProduct, openFiles } from '../../test/files.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { changeConfig } from '../pipeline-config/writes.ts';
import { findPlaces } from './places.ts';

let product: FilesProduct;
beforeAll(async () => {
  product = await openFiles();
  return () => product.close();
});

const configure = (paths: Record<string, string>) =>
  product.db.transaction().execute((trx) => changeConfig(trx, { actor: 'ann', part: { paths } }));
const ids = async () =>
  Object.fromEntries(Object.entries(await findPlaces(product.db)).map(([place, { id }]) => [place, id]));

test('a place is the root at its configured folder, also through a link and while its disk is gone', async () => {
  const [source, sorted, batch] = [await product.root(), await product.root(), await product.root()];
  expect(await ids()).toEqual({});
  symlinkSync(sorted.at, `${product.base}/archive`);
  await configure({
    source_dir: `${source.at}/`,
    sorted_dir: `${product.base}/archive`,
    duplicates_dir: `${product.base}/no folder`,
  });
  expect((await readPipelineConfig(product.db)).paths.source_dir).toBe(`${source.at}/`);
  expect(await ids()).toEqual({ source: source.id, sorted: sorted.id });

  renameSync(source.at, `${source.at} away`);
  rmSync(`${product.base}/archive`);
  expect(await ids()).toEqual({ source: source.id });
  await configure({ source_dir: batch.at });
  expect(await ids()).toEqual({ source: batch.id });
});
