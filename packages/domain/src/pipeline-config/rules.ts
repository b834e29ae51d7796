import { type ConfigVersion, type ConfigWarning, PipelineConfig, secretMask } from '@at/contracts/pipeline-config';
import leven from 'leven';
import { Value } from 'typebox/value';
import { folderFault, nameFault } from './patterns.ts';
import { cronFault, foldersFault, ignoreFault, pathFaults, urlFault, zoneFault } from './value-rules.ts';

/** What callers write, what is stored of it, and what it means. Only values that callers have set are stored, secrets separately. */

export type Tree = { [key: string]: unknown };
/** Why a value cannot be used. The message never repeats the value, which may be a secret. */
export type Fault = { pointer: string; message: string };
type Node = {
  type: string;
  enum?: string[];
  default?: unknown;
  properties?: Record<string, Node>;
  'x-secret'?: true;
};
type Path = readonly string[];
type Leaf = { path: Path; key: string; node: Node };

const root = PipelineConfig as unknown as Node;

/** Names come from callers: `constructor` must not be found. */
const childOf = (node: Node | undefined, name: string): Node | undefined =>
  node?.properties && Object.hasOwn(node.properties, name) ? node.properties[name] : undefined;

function leavesOf(node: Node, path: Path = []): Leaf[] {
  if (!node.properties) return [{ path, key: path.join('.'), node }];
  return Object.entries(node.properties).flatMap(([name, child]) => leavesOf(child, [...path, name]));
}
const leaves = leavesOf(root);
const secrets = leaves.filter(({ node }) => node['x-secret']);
/** The name of a secret among those of the setting. */
const secretName = ({ path }: Leaf) => path.join('_');

export const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const valueAt = (tree: unknown, path: Path): unknown =>
  path.reduce<unknown>((part, name) => (isTree(part) && Object.hasOwn(part, name) ? part[name] : undefined), tree);

/** The tree with a value, or without it. */
function withValue(tree: Tree, [name = '', ...rest]: Path, value: unknown): Tree {
  const { [name]: before, ...others } = tree;
  if (rest.length === 0) return value === undefined ? others : { ...others, [name]: value };
  const inner = withValue(isTree(before) ? before : {}, rest, value);
  return Object.keys(inner).length === 0 ? others : { ...others, [name]: inner };
}

const pointerOf = (path: Path) =>
  path.map((name) => `/${name.slice(0, 200).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const faultAt = (key: string, message: string): Fault => ({ pointer: pointerOf(key.split('.')), message });

/** Keys of the original that mean nothing here, and what replaces them. */
const without = {
  'auth.api_key': 'Keys of the API are in the variable API_KEYS.',
  'auth.header_name': 'Keys are sent in the header x-api-key, or as a bearer token.',
  'system.db_path': 'Files and batches are in the PostgreSQL database.',
  'system.log_dir': 'Logs of runs are in the database.',
  'system.port_api': 'The port is in the variable API_PORT.',
  'system.port_dbui': 'There is no second page for the database.',
  'system.max_parallel_fs_ops': 'dedup.threads limits what is read at once.',
  'system.cleanup_empty_batches': 'Empty directories of sorted batches are always removed.',
  'cleanup.retention.logs_days': 'Lines of the logs of all runs are kept for 14 days.',
  'dedup.hash_algorithm': 'Files are compared by sha256.',
} as const;
const isWithout = (key: string): key is keyof typeof without => Object.hasOwn(without, key);
const sectionsWithout = ['auth', 'system'];
/** A value that means the same here, and needs no warning. */
const isHarmless = (key: string, value: unknown) => key === 'dedup.hash_algorithm' && value === 'sha256';

/** The known key that is nearest to an unknown one: one of the same section, or of the same name in another. */
export function nearestKey(path: Path): string {
  const name = (path.at(-1) as string).slice(0, 60).toLowerCase();
  const parent = path.slice(0, -1);
  const beside = Object.keys(nodeAt(parent)?.properties ?? {}).map((known) => [...parent, known]);
  /** A word that contains the other one is nearer than any that does not. */
  const isPart = (word: string) =>
    Math.min(word.length, name.length) > 2 && (word.includes(name) || name.includes(word));
  const farness = (path: Path) => {
    const word = path.at(-1) as string;
    return isPart(word) ? Math.abs(word.length - name.length) / 100 : leven(name, word);
  };
  const nearestOf = (paths: Path[]) =>
    paths
      .map((one) => ({ one, far: farness(one) }))
      .reduce((best, next) => (next.far < best.far ? next : best), { one: [] as Path, far: Number.POSITIVE_INFINITY });
  const [near, anywhere] = [nearestOf(beside), nearestOf([...beside, ...leaves.map((leaf) => leaf.path)])];
  return (anywhere.far > 0 && near.far <= name.length / 2 ? near : anywhere).one.join('.');
}

function nodeAt(path: Path): Node | undefined {
  return path.reduce<Node | undefined>((node, name) => childOf(node, name), root);
}

/** Why a value does not fit its key; undefined: it does. */
function leafFault(node: Node, value: unknown): string | undefined {
  if (Value.Check(node as never, value)) return undefined;
  if (node.enum) return `must be one of: ${node.enum.join(', ')}`;
  const [error] = Value.Errors(node as never, value);
  return error?.keyword === 'pattern' ? 'must be one line of text' : (error?.message ?? 'is not valid');
}

type Part = { values: [Leaf, unknown][]; faults: Fault[]; warnings: ConfigWarning[] };

/** Reads what a caller writes: any part of the configuration. null is the default. */
export function readPart(part: Tree): Part {
  const found: Part = { values: [], faults: [], warnings: [] };
  const read = (tree: Tree, node: Node, path: Path) => {
    for (const [name, value] of Object.entries(tree)) {
      const at = [...path, name];
      const key = at.join('.');
      const child = childOf(node, name);
      // Members of a reply that is sent back.
      if (key === 'warnings' || key === 'changes') continue;
      if (isWithout(key)) {
        if (!isHarmless(key, value)) found.warnings.push({ key, message: without[key] });
      } else if (!child) {
        if (sectionsWithout.includes(key) && (isTree(value) || value === null)) read(value ?? {}, { type: '' }, at);
        else
          found.faults.push({
            pointer: pointerOf(at),
            message: `is not a known key; the nearest is ${nearestKey(at)}`,
          });
      } else if (!child.properties) {
        const fault = value === null ? undefined : leafFault(child, value);
        if (fault) found.faults.push({ pointer: pointerOf(at), message: fault });
        else found.values.push([{ path: at, key, node: child }, value]);
      } else if (value === null) {
        for (const leaf of leavesOf(child, at)) found.values.push([leaf, null]);
      } else if (isTree(value)) read(value, child, at);
      else found.faults.push({ pointer: pointerOf(at), message: 'must be an object' });
    }
  };
  read(part, root, []);
  return found;
}

/** What is stored: values without secrets, and secrets by name. */
export type Stored = { value: Tree; secrets: Record<string, string> };

/** What is stored once `values` are written. */
export function applyValues(before: Stored, values: Part['values']): Stored {
  const after: Stored = { value: before.value, secrets: { ...before.secrets } };
  for (const [leaf, value] of values) {
    if (!leaf.node['x-secret']) after.value = withValue(after.value, leaf.path, value ?? undefined);
    else if (value === null || value === '') delete after.secrets[secretName(leaf)];
    else if (value !== secretMask) after.secrets[secretName(leaf)] = value as string;
  }
  return after;
}

/** The whole configuration: what is stored, else the defaults. Secrets are masked. */
export function effective({ value, secrets: kept }: Stored): PipelineConfig {
  let config: Tree = {};
  for (const leaf of leaves) {
    const { path, node } = leaf;
    const set = node['x-secret'] ? (kept[secretName(leaf)] && secretMask) || undefined : valueAt(value, path);
    // A value that an older version allowed is not used.
    const isUsable = set !== undefined && leafFault(node, set) === undefined;
    config = withValue(config, path, isUsable ? set : node.default);
  }
  return config as PipelineConfig;
}

/** What differs; a secret that was replaced by another one differs too. */
export function changesBetween(before: Stored, after: Stored): ConfigVersion['changes'] {
  const [from, to] = [effective(before), effective(after)];
  return leaves.flatMap((leaf) => {
    const values = { from: valueAt(from, leaf.path), to: valueAt(to, leaf.path) };
    const name = secretName(leaf);
    const isSame = leaf.node['x-secret']
      ? before.secrets[name] === after.secrets[name]
      : JSON.stringify(values.from) === JSON.stringify(values.to);
    return isSame ? [] : [{ key: leaf.key, ...values }];
  });
}

/** Why a whole configuration cannot be used, by its values and how they fit together. */
export function configFaults(config: PipelineConfig): Fault[] {
  const { paths, batch, dedup, syncthing, sorter, schedule } = config;
  const single: [key: string, fault: string | undefined][] = [
    ['batch.naming_pattern', nameFault(batch.naming_pattern)],
    ['dedup.ignore', ignoreFault(dedup.ignore)],
    ['dedup.preferred', foldersFault(dedup.preferred)],
    ['sorter.folder_pattern', folderFault(sorter.folder_pattern)],
    ['sorter.timezone', zoneFault(sorter.timezone)],
    ['schedule.timezone', zoneFault(schedule.timezone)],
    ['schedule.cron', cronFault(schedule.cron)],
    ['syncthing.api_url', urlFault(syncthing.api_url)],
    [
      'syncthing.device_id',
      syncthing.device_id === '' || /^([A-Z2-7]{7}-){7}[A-Z2-7]{7}$/.test(syncthing.device_id)
        ? undefined
        : 'must be the id of a device: eight groups of seven letters and digits, as Syncthing shows it',
    ],
    [
      'sorter.transfer_mode',
      syncthing.after_sync === 'keep' && sorter.transfer_mode !== 'copy'
        ? 'must be copy while syncthing.after_sync is keep: what is moved leaves the device'
        : syncthing.after_sync === 'remove' && sorter.transfer_mode !== 'move'
          ? 'must be move while syncthing.after_sync is remove'
          : undefined,
    ],
  ];
  return [
    ...pathFaults(paths).map(({ name, message }) => faultAt(`paths.${name}`, message)),
    ...single.flatMap(([key, fault]) => (fault === undefined ? [] : [faultAt(key, fault)])),
  ];
}

/** Why the folder of Syncthing cannot be left out any more: what is in it would be sorted as if no device had it. */
export function folderLeft(before: PipelineConfig, after: PipelineConfig, batches: readonly string[]): Fault[] {
  if (before.syncthing.folder_id === '' || after.syncthing.folder_id !== '' || batches.length === 0) return [];
  const [first, ...others] = batches;
  const named = others.length === 0 ? `${first} is` : `${first} and ${others.length} more are`;
  return [faultAt('syncthing.folder_id', `cannot be empty while ${named} in the folder: sort or undo them first`)];
}

/** The pointer of the first secret that a part names, by its key or by the reset of its section; undefined: it names none. */
export function secretIn(part: Tree): string | undefined {
  const { values } = readPart(part);
  const named = secretPaths.find(
    (path) => valueAt(part, path) !== undefined || values.some(([{ key }]) => key === path.join('.')),
  );
  return named && pointerOf(named);
}

/** What a preset keeps of a part: the values of known keys, and no secret. */
export const presetValues = (part: Tree): Tree =>
  readPart(part).values.reduce<Tree>(
    (tree, [{ path, node }, value]) => (node['x-secret'] ? tree : withValue(tree, path, value)),
    {},
  );

/** Values of secrets that a caller has written. */
export const secretsIn = (values: Part['values']): string[] =>
  values.flatMap(([{ node }, value]) => (node['x-secret'] && typeof value === 'string' && value !== '' ? [value] : []));

/** The stored values that suit any installation: no folders, addresses and ids. */
export function portable({ value }: Stored): Tree {
  const { paths: _, syncthing, ...others } = value;
  const { api_url: __, folder_id: ___, device_id: ____, ...rest } = isTree(syncthing) ? syncthing : {};
  return { ...others, ...(Object.keys(rest).length > 0 && { syncthing: rest }) };
}

/** The presets that come with the product. */
export const productPresets = [
  {
    name: 'Copy only',
    description: 'The inbox and the device keep their files; the archive gets copies.',
    values: {
      batch: { transfer_mode: 'copy' },
      dedup: { move_duplicates: false },
      syncthing: { after_sync: 'keep' },
      sorter: { transfer_mode: 'copy' },
    },
  },
  {
    name: 'Full move',
    description: 'The inbox is emptied. Files leave the device after the sync and end up in the archive.',
    values: {
      batch: { transfer_mode: 'move' },
      dedup: { move_duplicates: true },
      syncthing: { after_sync: 'remove' },
      sorter: { transfer_mode: 'move' },
    },
  },
] as const;

/** Keys that hold a secret: those of the schema, and the original's. */
export const secretPaths: readonly Path[] = [...secrets.map(({ path }) => path), ['auth', 'api_key']];
