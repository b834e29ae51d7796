import type { ConfigVersion, ConfigWarning, PipelineConfig } from '@at/contracts/pipeline-config';
import type { DB } from '@at/db/schema';
import type { Kysely } from 'kysely';
import { printYaml, withoutSecrets } from './document.ts';
import {
  findConfig,
  findUnfinishedBatches,
  findVersion,
  lockSection,
  type StoredConfig,
  writeVersion,
} from './queries.ts';
import {
  applyValues,
  changesBetween,
  configFaults,
  effective,
  type Fault,
  folderLeft,
  readPart,
  type Stored,
  secretsIn,
  type Tree,
} from './rules.ts';

/** Values that cannot be used; nothing was written. */
export class ConfigRefused extends Error {
  override name = 'ConfigRefused';
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ pointer, message }) => `${pointer.slice(1).replaceAll('/', '.')} ${message}`).join('; '));
    this.faults = faults;
  }
}

/** The configuration has changed since the caller read it; nothing was written. */
export class StaleConfig extends Error {
  override name = 'StaleConfig';
}

export type Saved = {
  config: PipelineConfig;
  version: number;
  warnings: ConfigWarning[];
  changes: ConfigVersion['changes'];
};

type Author = {
  actor: string;
  /** Writes nothing, and returns what would be saved. */
  isDry?: boolean;
};
type Change = Author & { before: StoredConfig; after: Stored; document: string | null; restored?: number };

/** Writes a version if anything differs. Throws ConfigRefused. */
async function save(trx: Kysely<DB>, { before, after, document, actor, isDry, restored }: Change): Promise<Saved> {
  const config = effective(after);
  const changes = changesBetween(before, after);
  const isSame = changes.length === 0 && printYaml(config, document) === printYaml(effective(before), before.document);
  const saved = { config, changes, warnings: [] };
  if (isSame) return { ...saved, version: before.version };
  const faults = [...configFaults(config), ...folderLeft(effective(before), config, await findUnfinishedBatches(trx))];
  if (faults.length > 0) throw new ConfigRefused(faults);
  if (isDry) return { ...saved, version: before.version };
  const version = await writeVersion(trx, { ...after, document, changes, restored: restored ?? null, actor });
  return { ...saved, version };
}

type Written = Author & {
  /** Any part of the configuration. */
  part: Tree;
  /** The YAML that `part` comes from. */
  text?: string;
  /** The versions that the caller may have read; undefined: any. */
  versions?: readonly string[] | undefined;
};

/** Changes the configuration, in a transaction. Throws ConfigRefused and StaleConfig. */
export async function changeConfig(trx: Kysely<DB>, { part, text, versions, ...author }: Written): Promise<Saved> {
  const { values, faults, warnings } = readPart(part);
  if (faults.length > 0) throw new ConfigRefused(faults);
  await lockSection(trx);
  const before = await findConfig(trx);
  if (versions && !versions.includes(String(before.version))) throw new StaleConfig();
  const after = applyValues(before, values);
  const document = text?.trim() ? withoutSecrets(text, secretsIn(values)) : before.document;
  return { ...(await save(trx, { ...author, before, after, document })), warnings };
}

/** Makes a new version with the values of an old one, in a transaction; secrets stay. undefined: no version has this id. Throws ConfigRefused and StaleConfig. */
export async function restoreConfig(
  trx: Kysely<DB>,
  id: number,
  { versions, ...author }: Author & Pick<Written, 'versions'>,
): Promise<Saved | undefined> {
  await lockSection(trx);
  const [before, version] = [await findConfig(trx), await findVersion(trx, id)];
  if (!version) return undefined;
  if (versions && !versions.includes(String(before.version))) throw new StaleConfig();
  const after = { value: version.value, secrets: before.secrets };
  return save(trx, { ...author, before, after, document: version.document, restored: id });
}

/** Imports a configuration where none has been written, in a transaction. undefined: one has been. Throws ConfigRefused. */
export async function importConfig(trx: Kysely<DB>, written: Written): Promise<Saved | undefined> {
  await lockSection(trx);
  const { version } = await findConfig(trx);
  return version > 0 ? undefined : changeConfig(trx, written);
}
