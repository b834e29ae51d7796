import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { type Connection, ConnectionError, describeTarget, readConnection } from './connection.ts';
import { type Inspection, inspect, type MigrationSet, migrate, migrationSets, repair, validate } from './migrate.ts';
import { MigrationError } from './migration-files.ts';

const help = `Usage: pnpm db:migrate [migrate|info|validate|repair] [--set <set>]

  migrate    apply what is pending (default)
  info       show every migration and its state
  validate   list differences between files and database; exits with 1 if there are any
  repair     remove failed migrations from the history, so that migrate runs them again

Sets:
  atp         schema atp, for a fresh database only; skipped where another project keeps the schema
  console     schema console, which belongs to this product
  atp-extras  indexes and triggers on schema atp for fast lists and live updates; run it as the owner of atp

Without --set, migrate runs console, after atp if schema atp does not exist or this set created it.
--set all adds atp-extras. The other commands check every set that the database has.

The database: DATABASE_URL, or REAR_DIFF_PGSQL_HOST, _PORT (5432), _USERNAME (postgres), _PASSWORD and _DATABASE
(postgres). The environment takes precedence over .env in this directory.`;

type SetName = MigrationSet['name'];
type Command = 'migrate' | 'info' | 'validate' | 'repair';

const commands: readonly string[] = ['migrate', 'info', 'validate', 'repair'] satisfies Command[];
const setNames = Object.keys(migrationSets) as SetName[];

const count = (amount: number) => `${amount} migration${amount === 1 ? '' : 's'}`;

function readArguments(): { command: Command; option: SetName | 'all' | undefined; help: boolean } {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { set: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const [command = 'migrate', ...rest] = positionals;
  if (!commands.includes(command) || rest.length > 0) {
    throw new MigrationError(`Unknown command "${positionals.join(' ')}". Commands: ${commands.join(', ')}.`);
  }
  const option = [...setNames, 'all' as const].find((name) => name === values.set);
  if (values.set !== undefined && option === undefined) {
    throw new MigrationError(`Unknown set "${values.set}". Sets: ${setNames.join(', ')}, all.`);
  }
  return { command: command as Command, option, help: values.help };
}

function findConnection(): Connection {
  const connection = readConnection(process.env);
  if (connection !== null) return connection;
  throw new ConnectionError(
    'No database is configured. Set DATABASE_URL, or REAR_DIFF_PGSQL_HOST and REAR_DIFF_PGSQL_PASSWORD. (`pnpm start` migrates its own database.)',
  );
}

function chooseSets(
  command: Command,
  option: SetName | 'all' | undefined,
  inspections: Map<SetName, Inspection>,
): SetName[] {
  return [...inspections.keys()].filter((name) => {
    if (name === option || command === 'info') return true;
    const { keptBy, rows } = inspections.get(name) as Inspection;
    if (name === 'atp') return keptBy !== 'another project';
    if (name === 'atp-extras') return option === 'all' || (command !== 'migrate' && rows !== null);
    return true;
  });
}

function formatTable(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

function formatInspection({ schema, table, name }: MigrationSet, { compared, keptBy }: Inspection): string {
  if (keptBy === 'another project') {
    return `${name}: another project keeps ${name === 'atp' ? 'schema atp' : `${schema}.${table}`}; nothing to compare.\n`;
  }
  const rows = compared.map((migration) => [
    migration.state,
    String(migration.installed_rank ?? ''),
    migration.version ?? '',
    migration.description,
    migration.installed_on?.replace(/\.\d+Z$/, 'Z') ?? '',
    migration.installed_by ?? '',
    migration.execution_time === null ? '' : `${migration.execution_time} ms`,
  ]);
  const head = ['state', 'rank', 'version', 'description', 'installed on', 'by', 'took'];
  return `${name} (${schema}.${table})\n${formatTable([head, ...rows])}\n`;
}

const countPending = (inspection?: Inspection) =>
  inspection?.compared.filter(({ state }) => state === 'pending').length ?? 0;

async function runMigrate(
  connection: Connection,
  chosen: SetName[],
  inspections: Map<SetName, Inspection>,
): Promise<void> {
  for (const name of chosen) {
    const { schema, table } = migrationSets[name];
    const pending = countPending(inspections.get(name));
    const plan = pending === 0 ? 'nothing is pending' : `${count(pending)} to apply`;
    console.log(`  ${name}: ${plan}, history in ${schema}.${table}`);
  }
  const interrupt = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error('Interrupting; press Ctrl-C again to stop at once.');
      interrupt.abort();
    });
  }
  let applied = 0;
  for (const name of chosen) {
    const migrations = await migrate(connection, migrationSets[name], {
      signal: interrupt.signal,
      onProgress: (progress) => {
        if (progress.kind === 'waiting') console.log(`${name}: waiting for another run to finish ...`);
        if (progress.kind === 'started') console.log(`${name}: ${progress.migration.script} ...`);
        if (progress.kind === 'finished') {
          console.log(`${name}: ${progress.migration.script} done in ${progress.milliseconds} ms`);
        }
      },
    });
    applied += migrations.length;
  }
  console.log(applied === 0 ? 'Nothing was pending.' : `Applied ${count(applied)}.`);
  const extras = countPending(inspections.get('atp-extras'));
  if (!chosen.includes('atp-extras') && extras > 0) {
    console.log(
      `Set atp-extras has ${count(extras)} pending; without them lists are slower and changes appear later. As the owner of atp run: pnpm db:migrate --set atp-extras`,
    );
  }
}

async function runValidate(connection: Connection, chosen: SetName[]): Promise<void> {
  for (const name of chosen) {
    const problems = await validate(connection, migrationSets[name]);
    if (problems.length > 0) process.exitCode = 1;
    console.log(`${name}: ${problems.length === 0 ? 'valid' : 'not valid'}`);
    for (const problem of problems) console.log(`  ${problem}`);
  }
}

async function runRepair(connection: Connection, chosen: SetName[]): Promise<void> {
  for (const name of chosen) {
    const removed = await repair(connection, migrationSets[name]);
    console.log(`${name}: ${removed.length === 0 ? 'nothing to repair' : `removed the failed ${removed.join(', ')}`}`);
  }
}

async function main(): Promise<void> {
  const { command, option, help: showHelp } = readArguments();
  if (showHelp) {
    console.log(help);
    return;
  }
  if (existsSync('.env')) process.loadEnvFile('.env');
  const connection = findConnection();
  console.log(`${command} on ${describeTarget(connection)}`);

  const inspections = new Map<SetName, Inspection>();
  for (const name of option === undefined || option === 'all' ? setNames : [option]) {
    inspections.set(name, await inspect(connection, migrationSets[name]));
  }
  const chosen = chooseSets(command, option, inspections);
  if (command === 'migrate') await runMigrate(connection, chosen, inspections);
  if (command === 'validate') await runValidate(connection, chosen);
  if (command === 'repair') await runRepair(connection, chosen);
  if (command === 'info') {
    for (const [name, inspection] of inspections) console.log(formatInspection(migrationSets[name], inspection));
  }
}

try {
  await main();
} catch (error) {
  const expected =
    error instanceof MigrationError ||
    error instanceof ConnectionError ||
    error instanceof pg.DatabaseError ||
    (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  console.error(expected ? (error as Error).message : error);
  process.exitCode = 1;
}
