import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, startTestServer } from './testing.ts';

// Writes `schema.ts` from a database with every migration applied; --verify only checks that it is up to date.

const outFile = fileURLToPath(new URL('schema.ts', import.meta.url));
const binary = join(dirname(createRequire(import.meta.url).resolve('kysely-codegen/package.json')), 'dist/cli/bin.js');

/** Tables of Flyway, and those of pg-boss, which only that library reads and writes. */
const notOurs =
  '{*flyway*,console.{bam,instance,job,job_dependency,queue,queue_stats,schedule,subscription,version,warning}}';

const server = await startTestServer();
try {
  const database = await createTestDatabase('full');
  execFileSync(
    process.execPath,
    [
      binary,
      ...['--dialect', 'postgres', '--url', database.connectionString, '--out-file', outFile],
      ...['--include-pattern', '(atp|console).*', '--exclude-pattern', notOurs, '--numeric-parser', 'number'],
      ...['--type-mapping', '{"timestamptz":"string","int8":"number"}'],
      ...(process.argv.includes('--verify') ? ['--verify'] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
} catch {
  console.error('The database types in packages/db/src/schema.ts do not match the migrations: run `pnpm fix`.');
  process.exitCode = 1;
} finally {
  await server.stop();
}
