import { below } from '@at/adapters/file-names';
import type { KeepRule } from '@at/contracts/scan-rules';
import type { DB } from '@at/db/schema';
import type { Transaction } from 'kysely';
import { type Devices, findDecidable, findKeepers, findMembers, findPaths, type Member } from '../files/queries.ts';
import { compareKeepers, type Keeper } from '../files/rules.ts';
import { decideAlone, writeDuplicates } from '../files/writes.ts';

// The last part of a scan: which of the files that were read are duplicates. It changes NEW files alone.

type Deciding = { root: number; after: number; rule: KeepRule; devices: Devices; count: number };

/**
 * Decides about the next `count` NEW files of a root. A file is a duplicate if another one of its content comes before it, and each
 * of its companions is one too. A hard link to that one is not, because it takes no space. Returns the last file that it looked at;
 * null if there was none left.
 */
export async function decideDuplicates(
  trx: Transaction<DB>,
  { root, after, rule, devices, count }: Deciding,
): Promise<{ last: number | null; duplicates: number; bytes: number }> {
  await decideAlone(trx);
  const files = await findDecidable(trx, root, after, count);
  const members = await findMembers(trx, [...new Set(files.map(({ head }) => head))]);
  const wanted = members.flatMap(({ status, size, sha256 }) =>
    status === 'NEW' && size > 0 && sha256 !== null ? sha256 : [],
  );
  const keepers = await findKeepers(trx, [...new Set(wanted)]);

  const directories = [...members, ...keepers].flatMap(({ directory_id }) => directory_id ?? []);
  const places = new Map((await findPaths(trx, [...new Set(directories)])).map((place) => [place.id, place]));
  const disks = new Map(devices.roots.map((id, i) => [id, devices.devices[i]]));
  const rootOf = ({ directory_id }: Member) => places.get(directory_id ?? 0)?.root_id ?? 0;
  const inodeOf = (file: Member) => `${disks.get(rootOf(file))} ${file.inode}`;

  const firsts = firstOfEach(keepers, rule, (file) => {
    const directory = places.get(file.directory_id ?? 0)?.path ?? Buffer.alloc(0);
    const name = file.name ?? Buffer.alloc(0);
    const path = directory.length > 0 ? below(directory, name) : name;
    return { id: file.id, status: file.status, root_id: rootOf(file), path, mtime_ns: BigInt(file.mtime_ns) };
  });
  const keeperOf = (file: Member) => {
    if (file.status !== 'NEW' || file.size === 0 || file.sha256 === null) return undefined;
    const first = firsts.get(file.sha256);
    return first && first.id !== file.id && inodeOf(first) !== inodeOf(file) ? first : undefined;
  };
  // Files that are duplicates already, or gone, do not hold up their companions.
  const kept = new Set(
    members
      .filter((file) => !keeperOf(file) && file.status !== 'DUPLICATE' && file.status !== 'MISSING')
      .map(({ head }) => head),
  );
  const duplicates = members.flatMap((file) => {
    const keeper = kept.has(file.head) ? undefined : keeperOf(file);
    return keeper ? { id: file.id, keeper: keeper.id, size: file.size } : [];
  });
  await writeDuplicates(trx, duplicates);
  return {
    last: files.at(-1)?.id ?? null,
    duplicates: duplicates.length,
    bytes: duplicates.reduce((sum, { size }) => sum + size, 0),
  };
}

/** The first file of each content. */
function firstOfEach(files: Member[], rule: KeepRule, describe: (file: Member) => Keeper): Map<string, Member> {
  const compare = compareKeepers(rule);
  const firsts = new Map<string, { file: Member; keeper: Keeper }>();
  for (const file of files) {
    const keeper = describe(file);
    const before = firsts.get(file.sha256 ?? '');
    if (!before || compare(keeper, before.keeper) < 0) firsts.set(file.sha256 ?? '', { file, keeper });
  }
  return new Map([...firsts].map(([hash, { file }]) => [hash, file]));
}
