import { DiskError, DiskHangs } from '@at/adapters/disk';
import { MarkerBroken } from '@at/adapters/root-marker';
import { type SeenFile, TreeWatch, type TreeWatchOptions, WatchRefused } from '@at/adapters/tree-watch';
import type { DB } from '@at/db/schema';
import type { Runs } from '@at/runs/runs';
import type { Log } from '@at/runs/task';
import type { Kysely } from 'kysely';
import { findPlaces } from '../files/places.ts';
import type { Root } from '../files/queries.ts';
import { lookAtRoot, RootUnusable } from '../files/roots.ts';
import { readPipelineConfig } from '../pipeline-config/queries.ts';
import { startPipeline } from './starts.ts';
import { findLastScan, hasArrival, hasStarted, mustWait, noteWatch } from './watch-queries.ts';

const starter = { trigger: 'event', actor: { name: 'watcher', verified: true } } as const;

/** Milliseconds: until a watch that was refused is tried again, and between signs of life. */
const times = { refused: 60_000, alive: 20_000 };

/** Files that are compared with their rows at once; and all that are kept between two looks: of more, one has arrived. */
const most = { compared: 1_000, kept: 50_000 };

const remote =
  'The inbox is on a network disk, which does not report files that other machines write. Use the schedule for those.';

type Options = {
  log: Log;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
  tree?: Pick<TreeWatchOptions, 'most' | 'watchDirectory'>;
};

/** What is watched. */
type Open = { key: string; tree: TreeWatch; problem: string | null };

/**
 * Starts a run of the pipeline once the inbox has changed and was then quiet for `watch.quiet_sec`. What has changed is kept nowhere: a
 * watch that begins compares the files with the last scan. Each worker has one; those that see the same change start one run.
 */
export class InboxWatch {
  readonly #options: Required<Options>;
  #open: Open | undefined;
  /** When the last arrival was seen that no run has begun for; and what has changed since the last look, undefined: it is not known. */
  #changed: number | undefined;
  #seen: { at: number; files: SeenFile[] | undefined } | undefined;
  #refused: { key: string; problem: string; at: number } | undefined;
  #noted: { text: string; at: number } | undefined;

  constructor(options: Options) {
    this.#options = { now: () => performance.now(), tree: {}, ...options };
  }

  close(): void {
    this.#open?.tree.close();
    this.#open = undefined;
    this.#changed = undefined;
    this.#seen = undefined;
    this.#noted = undefined;
  }

  /** One look, which starts a run if it is due. */
  async look<A>(db: Kysely<DB>, runs: Runs<A>): Promise<void> {
    const { watch, dedup } = await readPipelineConfig(db);
    const root = watch.enabled ? (await findPlaces(db)).source : undefined;
    if (!root) {
      this.#refused = undefined;
      return this.close();
    }
    const quiet = watch.quiet_sec * 1_000;
    const problem = await this.#follow(db, root, dedup.ignore);
    await this.#take(db, root.id);
    if (this.#age() >= quiet) await this.#start(db, runs);
    const due = this.#changed === undefined ? null : Math.max(0, quiet - this.#age());
    await this.#note(db, root.id, { due, problem });
  }

  /** Milliseconds since the last change; -1: there was none. */
  #age(): number {
    return this.#changed === undefined ? -1 : this.#options.now() - this.#changed;
  }

  /** Watches the root as it is now. Returns why not, or why not all of it. */
  async #follow(db: Kysely<DB>, root: Root, ignored: readonly string[]): Promise<string | null> {
    let key = '';
    try {
      const { inode } = await lookAtRoot(root);
      key = JSON.stringify([root.id, `${root.path}`, inode, ignored]);
      if (this.#open?.key === key) return this.#open.problem;
      const { now } = this.#options;
      if (this.#refused?.key === key && now() - this.#refused.at < times.refused) return this.#refused.problem;
      this.close();
      const onChange = (files: SeenFile[] | undefined) => {
        const before = this.#seen ? this.#seen.files : [];
        const all = files && before && files.length + before.length <= most.kept ? [...before, ...files] : undefined;
        this.#seen = { at: now(), files: all };
      };
      const tree = new TreeWatch({ ...this.#options.tree, root: root.path, ignored, onChange });
      this.#open = { key, tree, problem: null };
      await tree.look(await findLastScan(db, root.id), async (files) => {
        if (this.#changed === undefined && (await hasArrived(db, root.id, files))) this.#changed = now();
      });
      this.#open.problem = (await tree.isRemote()) ? remote : null;
      this.#refused = undefined;
      return this.#open.problem;
    } catch (error) {
      this.close();
      if (![RootUnusable, WatchRefused, MarkerBroken, DiskError, DiskHangs].some((kind) => error instanceof kind))
        throw error;
      const { message } = error as Error;
      if (this.#refused?.problem !== message) this.#options.log.warn(`The inbox is not watched. ${message}`);
      this.#refused = { key, problem: message, at: this.#options.now() };
      return message;
    }
  }

  /** Counts what has arrived since the last look. What came back by a move has not: what a person has undone is not done again at once. */
  async #take(db: Kysely<DB>, root: number): Promise<void> {
    if (this.#seen === undefined) return;
    const { at, files } = this.#seen;
    this.#seen = undefined;
    try {
      if (!files || (await hasArrived(db, root, files))) this.#changed = at;
    } catch (error) {
      this.#changed = at;
      throw error;
    }
  }

  async #start<A>(db: Kysely<DB>, runs: Runs<A>): Promise<void> {
    const { now } = this.#options;
    if (await mustWait(db, this.#age())) return;
    // What the system has not reported is found here.
    const { added } = (await this.#open?.tree.look()) ?? { added: 0 };
    if (added > 0) this.#changed = now();
    if (added > 0 || this.#seen !== undefined) return;
    const age = this.#age();
    const isDone = await db.transaction().execute(async (trx) => {
      // Another worker was faster, or a person.
      if (await hasStarted(trx, age)) return true;
      // A run in progress that began before the change has to end first.
      return !(await startPipeline(trx, runs, starter)).joined || (await hasStarted(trx, age));
    });
    if (isDone) this.#changed = undefined;
  }

  async #note(db: Kysely<DB>, root: number, state: { due: number | null; problem: string | null }): Promise<void> {
    const at = this.#options.now();
    const text = JSON.stringify([root, this.#changed, state.problem]);
    if (this.#noted?.text === text && at - this.#noted.at < times.alive) return;
    await noteWatch(db, root, state);
    this.#noted = { text, at };
  }
}

async function hasArrived(db: Kysely<DB>, root: number, files: SeenFile[]): Promise<boolean> {
  for (let from = 0; from < files.length; from += most.compared)
    if (await hasArrival(db, root, files.slice(from, from + most.compared))) return true;
  return false;
}
