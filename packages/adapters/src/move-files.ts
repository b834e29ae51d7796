import { type Disk, DiskHangs, disk as ownDisk } from './disk.ts';
import { FileMove, type MoveOptions, type MovePlan, type MoveProgress } from './file-move.ts';
import { nameOf, parentOf } from './file-names.ts';
import { Directories } from './move-directories.ts';
import { MoveError } from './move-error.ts';

// Moves many files at once, by the rules of one (`file-move.ts`). What belongs together moves together: all of a group are looked at
// before the first of them gets another name, and if one cannot move, the others are undone. Each directory is synced once, and
// what has to be recorded is recorded for all.

export type PlannedMove = { plan: MovePlan; progress: MoveProgress };

/** Must be safe from a crash before its promise is fulfilled. By the ids of plans. */
export type RecordMoves = (progress: Map<string, MoveProgress>) => Promise<void>;

export type MoveResult =
  | { state: 'done'; path: Buffer }
  /** The file is neither here nor there, and a person must look. */
  | { state: 'missing' }
  /** It has its old name alone. `by`: the plan that could not be carried out, which may be that of a companion. */
  | { state: 'kept'; error: unknown; by: string }
  /** It is whole under one of its names at least, and another call has to end the move. */
  | { state: 'open'; error: unknown };

/**
 * `move`: forward; `settle`: finishes groups of which each file has a target or a finished copy, which may be the last one, and takes
 * the others back; `abandon`: finishes only those of which each has a target.
 */
export type MoveWay = 'move' | 'settle' | 'abandon';

/** Bytes of finished copies that a crash may lose. */
const unrecorded = 64 << 20;

/** Milliseconds for which a check holds. */
const fresh = 1_000;

const originalNumber = (stem: string, extension: string, n: number) => `${stem} (${n})${extension}`;

/** What the caller's own functions throw: nothing more is done, as after a crash. */
class Interrupted extends Error {}

type Group = { moves: FileMove[]; n: number; failure?: { error: unknown; by: string } | undefined };

class Moves {
  readonly #record: RecordMoves;
  readonly #options: MoveOptions;
  readonly #disk: Disk;
  readonly #directories: Directories;
  readonly #all: FileMove[] = [];
  #checkedAt = performance.now();
  #stopped: Group['failure'];
  readonly #results = new Map<string, MoveResult>();

  constructor(record: RecordMoves, options: MoveOptions) {
    this.#record = (progress) => this.#ask(() => record(progress));
    this.#options = options;
    this.#disk = options.disk ?? ownDisk;
    this.#directories = new Directories(this.#disk);
  }

  async run(planned: PlannedMove[][], way: MoveWay): Promise<Map<string, MoveResult>> {
    const { signal, otherName = originalNumber } = this.#options;
    const means = {
      disk: this.#disk,
      directories: this.#directories,
      signal,
      otherName,
      passed: (step: string) => this.#passed(step),
    };
    const groups = planned.map(
      (group): Group => ({
        moves: group.map(({ plan, progress }) => new FileMove(plan, progress, means)),
        n: 0,
      }),
    );
    this.#all.push(...groups.flatMap(({ moves }) => moves));
    try {
      const forward = way === 'move' ? groups : await this.#chosen(groups, way === 'settle');
      // A file that cannot be undone goes on alone.
      for (let next = forward; next.length > 0; ) next = await this.#forward(next);
      // If a disk was unmounted, the results are not true.
      if ([...this.#results.values()].some(({ state }) => state !== 'done')) await this.#check();
    } catch (error) {
      if (error instanceof Interrupted) throw error.cause;
      throw error;
    }
    return this.#results;
  }

  /** Undoes the groups that need not be finished. Returns the others, and files that cannot be undone. */
  async #chosen(groups: Group[], countsCopies: boolean): Promise<Group[]> {
    const chosen: Group[] = [];
    for (const group of groups) {
      const isFar = await this.#guard(group, async () => {
        for (const move of group.moves) if (!(await move.hasComeFar({ countsCopies }))) return false;
        return true;
      });
      if (isFar) chosen.push(group);
      else chosen.push(...(await this.#takeBack(group)));
    }
    return chosen;
  }

  /** Moves groups, and returns what has to go on alone. */
  async #forward(groups: Group[]): Promise<Group[]> {
    const alone: Group[] = [];
    const drop = async (failed: Group[]) => {
      for (const group of failed) alone.push(...(await this.#takeBack(group)));
    };
    for (const group of groups) await this.#guard(group, () => this.#look(group));
    await this.#place(groups);
    const placed = groups.filter(({ failure }) => !failure);
    await this.#syncTargets(placed);
    await drop(groups.filter(({ failure }) => failure));
    const whole = placed.filter(({ failure }) => !failure);
    if (whole.length === 0) return alone;
    await this.#passed('target synced');
    await this.#check();
    for (const group of whole) await this.#leave(group);
    await drop(whole.filter(({ failure }) => failure));
    await this.#syncSources(whole.filter(({ failure }) => !failure));
    return alone;
  }

  async #look({ moves }: Group): Promise<void> {
    for (const move of moves) {
      const found = await ofMove(move, move.look());
      if (found !== 'missing') continue;
      this.#results.set(move.plan.id, { state: 'missing' });
      const message = `${move.plan.from} is neither in its place nor at its target. Look for it in both directories.`;
      throw new Failed(new MoveError('failed', message), move.plan.id);
    }
  }

  /** Gives the files of all groups their new names. */
  async #place(groups: Group[]): Promise<void> {
    let waiting = groups.filter(({ failure }) => !failure);
    while (waiting.length > 0) {
      await this.#rename(waiting);
      const across: FileMove[] = [];
      for (const group of waiting) {
        await this.#guard(group, async () => {
          const before = across.length;
          for (const move of group.moves.filter(({ isPlaced }) => !isPlaced)) {
            if (group.moves.every(({ isPlaced }) => !isPlaced)) this.#options.signal?.throwIfAborted();
            if (performance.now() - this.#checkedAt > fresh) await this.#check();
            const found = await ofMove(move, move.place());
            if (found === 'across') across.push(move);
            // No copies are made for a name that the group does not get.
            if (found === 'taken') return void across.splice(before);
          }
        });
      }
      await this.#copy(waiting, across);
      waiting = waiting.filter(({ failure, moves }) => !failure && moves.some(({ isPlaced }) => !isPlaced));
    }
  }

  /** Gives other names to groups of which one name is taken: the same number to all of a group. */
  async #rename(groups: Group[]): Promise<void> {
    const names = new Map<string, MoveProgress>();
    for (const group of groups) {
      const waiting = group.moves.filter(({ isPlaced }) => !isPlaced);
      if (!waiting.some(({ isTaken }) => isTaken)) continue;
      await this.#guard(group, async () => {
        // Those that have their names get the number too. A file that has left its old name keeps the one it has.
        for (const move of group.moves.filter(({ isPlaced }) => isPlaced)) if (await move.unplace()) waiting.push(move);
        for (;;) {
          group.n += 1;
          const paths: (Buffer | undefined)[] = [];
          for (const move of waiting) paths.push(await move.otherPath(group.n));
          // Nor may it be the name of another plan.
          if (paths.some((path) => !path || this.#all.some((other) => other.path.equals(path)))) continue;
          for (const [i, move] of waiting.entries()) {
            move.path = paths[i] as Buffer;
            move.isTaken = false;
            names.set(move.plan.id, { name: nameOf(move.path) });
          }
          return;
        }
      });
    }
    if (names.size === 0) return;
    await this.#record(names);
    await this.#passed('name recorded');
  }

  async #copy(groups: Group[], moves: FileMove[]): Promise<void> {
    const groupOf = new Map(groups.flatMap((group) => group.moves.map((move) => [move, group] as const)));
    let copies = new Map<FileMove, { inode: string; sha256: string }>();
    const keep = async () => {
      const made = copies;
      copies = new Map();
      const synced = this.#syncing();
      for (const move of made.keys()) {
        const group = groupOf.get(move) as Group;
        await this.#guard(group, () => ofMove(move, synced(parentOf(move.path))));
        if (group.failure) made.delete(move);
      }
      if (made.size === 0) return;
      await this.#record(new Map([...made].map(([{ plan }, copied]) => [plan.id, { copied }])));
      for (const [move, copied] of made) move.copied(copied);
      await this.#passed('copy recorded');
    };
    let bytes = 0;
    let full: Group['failure'];
    for (const move of moves) {
      const group = groupOf.get(move) as Group;
      // Another copy would only fill the disk again.
      group.failure ??= full;
      if (group.failure) continue;
      await this.#guard(group, async () => {
        copies.set(move, await ofMove(move, move.copy()));
        bytes += move.plan.source.size;
      });
      full = fullness(group);
      if (bytes < unrecorded) continue;
      bytes = 0;
      await keep();
    }
    await keep();
    if (moves.length === 0) return;
    this.#directories.forget();
    await this.#check();
  }

  async #syncTargets(groups: Group[]): Promise<void> {
    const synced = this.#syncing();
    for (const group of groups) {
      await this.#guard(group, async () => {
        for (const move of group.moves) await ofMove(move, synced(parentOf(move.path)));
      });
    }
  }

  /** Removes the old names of a group, once none of its files has been changed. */
  async #leave(group: Group): Promise<void> {
    const removable: FileMove[] = [];
    const isWhole = await this.#guard(group, async () => {
      for (const move of group.moves) {
        await move.discard();
        await this.#passed('copy removed');
      }
      const leaving = group.moves.filter(({ plan }) => !plan.copies);
      for (const move of leaving) await ofMove(move, move.setAside());
      for (const move of leaving) if (await ofMove(move, move.isRemovable())) removable.push(move);
      return true;
    });
    if (!isWhole) return;
    try {
      for (const move of removable) await move.removeAside();
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      for (const { plan } of group.moves) this.#results.set(plan.id, { state: 'open', error });
    }
  }

  async #syncSources(groups: Group[]): Promise<void> {
    const synced = this.#syncing();
    for (const { moves } of groups) {
      for (const { plan, path } of moves) {
        if (this.#results.has(plan.id)) continue;
        try {
          if (!plan.copies) await synced(parentOf(plan.from));
          this.#results.set(plan.id, { state: 'done', path });
        } catch (error) {
          this.#results.set(plan.id, { state: 'open', error });
        }
      }
    }
  }

  /** Returns a function that syncs each directory once, and throws the same error each time. */
  #syncing(): (directory: Buffer) => Promise<void> {
    const known = new Map<string, Promise<void>>();
    return (directory) => {
      const key = directory.toString('hex');
      const synced = known.get(key) ?? this.#disk.syncDirectory(directory);
      known.set(key, synced);
      return synced;
    };
  }

  /** Undoes what a group that cannot move has made, and returns what has to go on alone. */
  async #takeBack(group: Group): Promise<Group[]> {
    const { moves, failure } = group;
    const error = failure?.error;
    const alone: Group[] = [];
    if (!(error instanceof DiskHangs)) await this.#check();
    for (const move of moves) {
      const { id } = move.plan;
      if (this.#results.has(id)) continue;
      // The disk does not respond: no more calls.
      if (error instanceof DiskHangs) {
        this.#results.set(id, { state: 'open', error });
        continue;
      }
      try {
        const isAlone = moves.length === 1;
        const found = await move.takeBack({ restores: !isAlone });
        if (found === 'forward' && isAlone && failure) this.#results.set(id, { state: 'open', error });
        else if (found === 'forward') alone.push({ moves: [move], n: group.n });
        else if (found === 'missing') this.#results.set(id, { state: 'missing' });
        else this.#results.set(id, { state: 'kept', error, by: failure?.by ?? id });
      } catch (thrown) {
        if (thrown instanceof Interrupted) throw thrown;
        this.#results.set(id, { state: 'open', error: thrown });
      }
    }
    return alone;
  }

  /** Does work of a group. An error stops this group alone; a disk that does not respond stops all. */
  async #guard<T>(group: Group, work: () => Promise<T>): Promise<T | undefined> {
    group.failure ??= this.#stopped;
    if (group.failure) return undefined;
    try {
      return await work();
    } catch (thrown) {
      if (thrown instanceof Interrupted) throw thrown;
      const { error, id } = thrown instanceof Failed ? thrown : { error: thrown, id: group.moves[0]?.plan.id ?? '' };
      if (error instanceof Interrupted) throw error;
      group.failure = { error, by: id };
      if (error instanceof DiskHangs) this.#stopped = group.failure;
      return undefined;
    }
  }

  /**
   * Undoes what this call has begun if it must not go on. Files that have left their old names stay: the next worker continues
   * with them.
   */
  async #check(): Promise<void> {
    const { check } = this.#options;
    if (!check) return;
    try {
      await check();
    } catch (cause) {
      for (const move of this.#all) if (move.isBegun) await move.takeBack({ restores: false }).catch(() => {});
      throw new Interrupted('', { cause });
    }
    this.#checkedAt = performance.now();
  }

  #passed(step: string): Promise<void> {
    return this.#ask(async () => this.#options.boundary?.(step));
  }

  async #ask(call: () => Promise<void>): Promise<void> {
    try {
      await call();
    } catch (cause) {
      throw new Interrupted('', { cause });
    }
  }
}

/** An error with the plan that it stopped. */
class Failed {
  readonly error: unknown;
  readonly id: string;
  constructor(error: unknown, id: string) {
    this.error = error;
    this.id = id;
  }
}

const fullness = ({ failure }: Group) =>
  failure?.error instanceof MoveError && failure.error.kind === 'full' ? failure : undefined;

const ofMove = <T>({ plan }: FileMove, work: Promise<T>): Promise<T> =>
  work.catch((error) => Promise.reject(new Failed(error, plan.id)));

/**
 * Moves, copies or gives up the files of groups, or finishes what an earlier call began. Each plan has a result. Throws what `record`,
 * `boundary` and `check` throw; then another call has to end the moves.
 */
export function moveFiles(
  groups: PlannedMove[][],
  record: RecordMoves,
  options: MoveOptions = {},
  way: MoveWay = 'move',
): Promise<Map<string, MoveResult>> {
  return new Moves(record, options).run(groups, way);
}
