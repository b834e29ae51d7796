import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

// The files of a migration set and their comparison with the rows of a history; no database access.

/** A migration broke a rule or failed; the message has the cause and the next step. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

export type Migration = {
  /** Parts joined by dots: `1`, `1.2`. */
  version: string;
  description: string;
  /** The file's name. */
  script: string;
  checksum: number;
  sql: string;
  /** Set for statements that PostgreSQL refuses in a transaction: they run one by one outside of one. */
  statements?: string[];
};

/** A row of a history table. `installed_on` is ISO 8601 in UTC with six decimals; null without a date in the calendar. */
export type HistoryRow = {
  installed_rank: number;
  version: string | null;
  description: string;
  type: string;
  script: string;
  checksum: number | null;
  installed_by: string;
  installed_on: string | null;
  /** Milliseconds. */
  execution_time: number;
  success: boolean;
};

export type MigrationState = 'applied' | 'pending' | 'missing' | 'changed' | 'failed' | 'deleted';

/** A shipped file and its row in the history, or one of the two. */
export type ComparedMigration = {
  state: MigrationState;
  installed_rank: number | null;
  version: string | null;
  description: string;
  type: string;
  script: string;
  /** From the history. */
  checksum: number | null;
  /** Of the file. */
  shipped_checksum: number | null;
  shipped_description: string | null;
  installed_by: string | null;
  installed_on: string | null;
  execution_time: number | null;
};

/**
 * Flyway's checksum: the CRC32 of a file without line endings (CR and LF) and without a leading byte order mark, as a
 * signed 32-bit integer.
 */
export function checksum(bytes: Uint8Array): number {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return crc32(bytes.subarray(marked ? 3 : 0).filter((byte) => byte !== 0x0a && byte !== 0x0d)) | 0;
}

const numerically = new Intl.Collator('en', { numeric: true });

/** Orders versions part by part as numbers: 2 before 10, 1.2 before 1.10; 1 and 1.0 are the same. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.replace(/(\.0+)+$/, ''));
  return numerically.compare(a as string, b as string);
}

const token =
  /--[^\n]*|\/\*[\s\S]*?\*\/|\b[eE]'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|;/g;

/** The statements of an SQL text without comments; ignores semicolons inside strings and function bodies. */
export function splitStatements(sql: string): string[] {
  const statements = [''];
  let end = 0;
  for (const match of sql.matchAll(token)) {
    const comment = match[0].startsWith('--') || match[0].startsWith('/*');
    statements.push(statements.pop() + sql.slice(end, match.index) + (comment || match[0] === ';' ? ' ' : match[0]));
    if (match[0] === ';') statements.push('');
    end = match.index + match[0].length;
  }
  statements.push(statements.pop() + sql.slice(end));
  return statements.map((statement) => statement.trim()).filter((statement) => statement !== '');
}

const outsideTransaction = /^(?:(?:CREATE|DROP)\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY|REINDEX|VACUUM|ALTER\s+SYSTEM)\b/i;

const endsTransaction = /^(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|ABORT|PREPARE\s+TRANSACTION)\b/i;

const fileName = /^V(\d+(?:[._]\d+)*)__(\w[\w .-]*)\.sql$/;

/** Parses one migration. Throws MigrationError for a name or content that Flyway would reject or treat differently. */
export function parseMigration(script: string, bytes: Uint8Array): Migration {
  const [, version, description] = fileName.exec(script) ?? [];
  if (version === undefined || description === undefined) {
    throw new MigrationError(`${script} is not a valid migration name. Rename it to V<version>__<description>.sql.`);
  }
  if (version.length > 50 || description.length > 200) {
    throw new MigrationError(
      `${script} does not fit the history: at most 50 characters of version, 200 of description.`,
    );
  }
  let sql: string;
  try {
    sql = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MigrationError(`${script} is not UTF-8. Save it as UTF-8.`);
  }
  if (sql.includes('${')) {
    throw new MigrationError(`${script} contains \${, which Flyway would replace as a placeholder. Remove it.`);
  }
  const statements = splitStatements(sql);
  const outside = statements.filter((statement) => outsideTransaction.test(statement)).length;
  if (outside > 0 && outside < statements.length) {
    throw new MigrationError(
      `${script} mixes statements that run outside of a transaction with others. Put each kind into its own file.`,
    );
  }
  const own = statements.find((statement) => endsTransaction.test(statement));
  if (own !== undefined) {
    throw new MigrationError(
      `${script} controls transactions itself ("${own}"), so a failure could leave half of it. Remove that statement.`,
    );
  }
  return {
    version: version.replaceAll('_', '.'),
    description: description.replaceAll('_', ' '),
    script,
    checksum: checksum(bytes),
    sql,
    ...(outside > 0 ? { statements } : {}),
  };
}

/** Every migration of a directory, lowest version first. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql'));
  const migrations = await Promise.all(
    names.map(async (name) => parseMigration(name, await readFile(join(directory, name)))),
  );
  migrations.sort((left, right) => compareVersions(left.version, right.version));
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1];
    if (before && compareVersions(before.version, migration.version) === 0) {
      throw new MigrationError(
        `${before.script} and ${migration.script} have the same version. Give the newer one the next free version.`,
      );
    }
  });
  return migrations;
}

const sameVersion = (version: string, row: HistoryRow) =>
  row.type === 'SQL' && row.version !== null && compareVersions(row.version, version) === 0;

/** Rows without a file: for creating the schema, for a baseline before the first version, and for what a repair deleted. */
const hasNoFile = ({ type, version }: HistoryRow) =>
  type === 'SCHEMA' ||
  type === 'DELETE' ||
  (type === 'BASELINE' && version !== null && compareVersions(version, '0') === 0);

const byRank = (rows: HistoryRow[]) => rows.toSorted((left, right) => left.installed_rank - right.installed_rank);

/** Types of rows that stand for no migration. */
const synthetic = new Set(['SCHEMA', 'BASELINE', 'DELETE']);

/**
 * The rows that a repair of Flyway has deleted: it adds a row of type DELETE, which takes the latest earlier row of its
 * version out of the history (of its description, where there is no version), so that a file of that version runs again.
 */
function deletedRows(rows: HistoryRow[]): Set<HistoryRow> {
  const ranked = byRank(rows);
  const deleted = new Set<HistoryRow>();
  for (const [index, { type, success, version, description }] of ranked.entries()) {
    if (type !== 'DELETE' || !success) continue;
    const row = ranked.slice(0, index).findLast((earlier) => {
      if (synthetic.has(earlier.type)) return false;
      if (version === null) return earlier.version === null && earlier.description === description;
      return earlier.version !== null && compareVersions(earlier.version, version) === 0;
    });
    if (row) deleted.add(row);
  }
  return deleted;
}

/** The rows of a history without those that a repair deleted and the rows that say so, in installation order. */
export function standingRows<Row extends HistoryRow>(rows: Row[]): Row[] {
  const deleted = deletedRows(rows);
  return byRank(rows).filter((row) => row.type !== 'DELETE' && !deleted.has(row)) as Row[];
}

/** Whether a migration differs from its file, has not run or has failed. */
export const isOpen = ({ state }: { state: MigrationState }) => state !== 'applied' && state !== 'deleted';

/** Compares history and files: the rows in installation order, then the pending files by version. */
export function compareHistory(files: Migration[], rows: HistoryRow[]): ComparedMigration[] {
  const deleted = deletedRows(rows);
  const standing = standingRows(rows);
  const installed = byRank(rows).map((row) => {
    const file = standing.includes(row) ? files.find(({ version }) => sameVersion(version, row)) : undefined;
    let state: MigrationState = 'applied';
    if (deleted.has(row)) state = 'deleted';
    else if (!row.success) state = 'failed';
    else if (!file) state = hasNoFile(row) ? 'applied' : 'missing';
    else if (file.checksum !== row.checksum || file.description !== row.description) state = 'changed';
    const { success: _, ...recorded } = row;
    return {
      ...recorded,
      state,
      shipped_checksum: file?.checksum ?? null,
      shipped_description: file?.description ?? null,
    };
  });
  const pending = files
    .filter(({ version }) => !standing.some((row) => sameVersion(version, row)))
    .map(({ version, description, script, checksum: shipped }) => ({
      state: 'pending' as const,
      installed_rank: null,
      version,
      description,
      type: 'SQL',
      script,
      checksum: null,
      shipped_checksum: shipped,
      shipped_description: description,
      installed_by: null,
      installed_on: null,
      execution_time: null,
    }));
  return [...installed, ...pending];
}

/** Whether a history belongs to this set: it starts with the set's first version and checksum. */
export function isOwnHistory(files: Migration[], rows: HistoryRow[]): boolean {
  const first = rows
    .filter((row) => !hasNoFile(row))
    .sort((left, right) => left.installed_rank - right.installed_rank)[0];
  const file = files[0];
  return !first || (file !== undefined && sameVersion(file.version, first) && file.checksum === first.checksum);
}

/** One sentence per problem that prevents running the set; empty when there is none. */
export function findProblems(files: Migration[], rows: HistoryRow[]): string[] {
  const compared = compareHistory(files, rows);
  const versions = standingRows(rows).flatMap(({ version }) => version ?? []);
  const highest = versions.sort(compareVersions).at(-1);
  return compared.flatMap((migration) => {
    const { state, version, script, checksum: recorded, shipped_checksum } = migration;
    if (state === 'failed') {
      return `${script} failed halfway on an earlier run. Check what it left, fix it, then run repair and migrate.`;
    }
    if (state === 'changed' && recorded === shipped_checksum) {
      const { description, shipped_description } = migration;
      return `The file of version ${version} was renamed after it ran: its description was "${description}" and is "${shipped_description}". Its content is the same. Give it its former name, ${script}.`;
    }
    if (state === 'changed') {
      return `${script} was changed after it ran (recorded checksum ${recorded}, file ${shipped_checksum}). Restore the file and make the change in a new migration.`;
    }
    if (state === 'missing') {
      return `${script} ran on this database, but is not shipped here. Use the version of the product that ships it.`;
    }
    if (state === 'pending' && version !== null && highest !== undefined && compareVersions(version, highest) < 0) {
      return `${script} is older than version ${highest}, which already ran. Give it the next free version.`;
    }
    return [];
  });
}
