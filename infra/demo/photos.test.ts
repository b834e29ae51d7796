import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeNames } from '@at/contracts/vocabulary';
import { createDb, createPool } from '@at/db/client';
import { createTestDatabase } from '@at/db/testing';
import { findPlaces } from '@at/domain/files/places';
import { readPipelineConfig } from '@at/domain/pipeline-config/queries';
import { changeConfig } from '@at/domain/pipeline-config/writes';
import { expect, onTestFinished, test } from 'vitest';
import { demoPhotos, openDemoPhotos } from './photos.ts';

async function opened() {
  const database = await createTestDatabase('full');
  const db = createDb(createPool({ connection: database.connectionString, max: 1 }));
  const parent = mkdtempSync(join(tmpdir(), 'at-photos-'));
  onTestFinished(async () => {
    await db.destroy();
    await database.drop();
    rmSync(parent, { recursive: true });
  });
  const directory = join(parent, 'photos');
  return { db, parent, directory, open: () => openDemoPhotos(directory, database.connectionString) };
}

test('the first call makes files, configuration and markers; a later one leaves what a person did', async () => {
  const { db, directory, open } = await opened();
  await open();
  expect(Object.keys(await findPlaces(db)).toSorted()).toEqual([...placeNames].toSorted());
  const inbox = join(directory, 'inbox');
  const all = readdirSync(inbox, { recursive: true, encoding: 'latin1', withFileTypes: true });
  let made = 0;
  for await (const _ of demoPhotos()) made += 1;
  expect(all.filter((entry) => entry.isFile() && entry.name !== '.at-root')).toHaveLength(made);
  rmSync(join(inbox, 'Camera'), { recursive: true });
  await open();
  expect(existsSync(join(inbox, 'Camera'))).toBe(false);
});

test('an interrupted call is finished by the next one', async () => {
  const { db, parent, open } = await opened();
  mkdirSync(join(parent, 'photos.new/inbox'), { recursive: true });
  writeFileSync(join(parent, 'photos.new/inbox/half'), '');
  await open();
  expect(readdirSync(join(parent, 'photos/inbox'))).not.toContain('half');
  expect((await findPlaces(db)).source).toBeDefined();
});

test('a pipeline that is configured for other folders stays as it is', async () => {
  const { db, parent, directory, open } = await opened();
  const part = { paths: { source_dir: join(parent, 'mine') } };
  await db.transaction().execute((trx) => changeConfig(trx, { part, actor: 'anna' }));
  await open();
  expect(existsSync(directory)).toBe(false);
  expect((await readPipelineConfig(db)).paths.source_dir).toBe(part.paths.source_dir);
});
