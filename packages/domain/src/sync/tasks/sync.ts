import { type NeededFile, openSyncthing, type Presence, type Syncthing } from '@at/adapters/syncthing';
import { SyncthingError } from '@at/adapters/syncthing-error';
import { StringEnum } from '@at/contracts/paging';
import type { SyncState } from '@at/contracts/sync-rules';
import type { DB } from '@at/db/schema';
import { defineTask, FinalFailure, type TaskContext } from '@at/runs/task';
import { sql, type Transaction } from 'kysely';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { allowedStates, lockIfThere, moveBatch } from '../../batches/rules.ts';
import { StartRefused } from '../../refused.ts';
import { startSort } from '../../sorting/starts.ts';
import { lookForFiles } from '../confirm.ts';
import { readSyncSettings } from '../connection.ts';
import { preflight } from '../preflight.ts';
import { findStarter, findSyncedBatch, findSyncedFiles, type SyncedBatch, type SyncedFile } from '../queries.ts';
import { blockedReason, percentOf, whyNot } from '../rules.ts';
import {
  BatchChanged,
  confirmFiles,
  endSync,
  refuseFiles,
  type Snapshot,
  setBatchReason,
  writeSnapshot,
} from '../writes.ts';

/** Of the configuration that the run began with. Address and key are those of the moment: a secret is in no run. */
const Parameters = Type.Object({
  batch: Type.Integer(),
  folder: Type.String({ minLength: 1 }),
  device: Type.String({ minLength: 1 }),
  poll_interval_sec: Type.Number({ minimum: 1 }),
  rescan_delay_sec: Type.Number({ minimum: 0 }),
  stall_min: Type.Number({ minimum: 0 }),
  on_stall: StringEnum(['wait', 'error']),
  /** Whether the batch is sorted next. */
  sort_next: Type.Optional(Type.Boolean()),
});
type Parameters = Static<typeof Parameters>;

/** What an attempt leaves to the next one. Times in milliseconds since 1970. */
const Kept = Type.Object({
  /** Whether the delay before the scan is over. */
  is_delayed: Type.Boolean(),
  /** Whether a scan has ended, and nothing says that another one is needed. */
  is_scanned: Type.Boolean(),
  /** Passes in a row in which nothing has changed, and when the last one was. */
  quiet: Type.Integer(),
  quiet_at: Type.Number(),
  /** When something has changed last. */
  changed_at: Type.Number(),
  /** Bytes and files that the device needed then. */
  needed: Type.Number(),
  /** Seconds of the last pause, and when it ends. */
  pause: Type.Number(),
  next_at: Type.Number(),
});
type Kept = Static<typeof Kept>;

type Options = {
  /** Seconds that a pass waits for an event. */
  patience?: number;
  /** Milliseconds between two passes that count as quiet. */
  calm?: number;
  /** Passes of an attempt: a worker does not wait for long. */
  passes?: number;
  /** Seconds of the shortest pause between two attempts. */
  shortest?: number;
};

/** Passes in which nothing has changed until what is not confirmed counts as refused. */
const quietPasses = 3;
/** Files of one statement. */
const slice = 2_000;

/** Has the device get a batch, and confirms each of its files. */
export const syncOf = (options: Options = {}) =>
  defineTask<unknown, typeof Parameters>({
    name: 'files.sync',
    title: 'Sync a batch to the device',
    queue: 'network',
    params: Parameters,
    exclusive: 'join',
    async run(params, context) {
      const batch = await findSyncedBatch(context.db, params.batch);
      if (batch?.status !== 'SYNCING') {
        const why = batch ? `The batch ${batch.name} is ${batch.status}.` : `No batch has the id ${params.batch}.`;
        throw new FinalFailure('refused', batch?.reason ?? why);
      }
      await new Sync(params, context, batch, options).attempt();
    },
    async ended(trx, { batch }, outcome) {
      if (outcome === 'completed') return;
      const isSyncing = (await lockIfThere(trx, batch))?.status === 'SYNCING';
      const reason =
        outcome === 'cancelled' ? 'The sync was cancelled.' : 'The sync failed. The log of its run has the reason.';
      if (isSyncing) await moveBatch(trx, batch, 'ERROR', { reason });
    },
    async reopened(trx, { batch }) {
      const found = await lockIfThere(trx, batch);
      if (!found || !allowedStates(found).includes('SYNCING')) return false;
      await moveBatch(trx, batch, 'SYNCING');
      return true;
    },
  });

export const sync = syncOf();

const amountOf = (needed: readonly NeededFile[]) => needed.reduce((sum, { size }) => sum + size + 1, 0);

type Look = { files: SyncedFile[]; found: ReadonlyMap<SyncedFile, Presence>; needed: NeededFile[] };

class Sync {
  readonly #params: Parameters;
  readonly #context: TaskContext<unknown>;
  readonly #batch: SyncedBatch;
  readonly #options: Required<Options>;
  readonly #kept: Kept;

  constructor(params: Parameters, context: TaskContext<unknown>, batch: SyncedBatch, options: Options) {
    this.#params = params;
    this.#context = context;
    this.#batch = batch;
    this.#options = { patience: 5, calm: 2_000, passes: 6, shortest: 2, ...options };
    this.#kept = Value.Check(Kept, context.kept)
      ? { ...context.kept }
      : {
          is_delayed: params.rescan_delay_sec === 0,
          is_scanned: false,
          quiet: 0,
          quiet_at: 0,
          changed_at: Date.now(),
          needed: -1,
          pause: 0,
          next_at: Date.now(),
        };
    // The time in which no worker has looked is no time without progress.
    this.#kept.changed_at += Math.max(0, Date.now() - this.#kept.next_at);
  }

  get #directory() {
    return this.#batch.root.toString();
  }

  async attempt(): Promise<void> {
    const { folder, device, rescan_delay_sec } = this.#params;
    const { signal, db } = this.#context;
    if (!this.#kept.is_delayed) {
      this.#kept.is_delayed = true;
      return this.#pause('scanning', null, { seconds: rescan_delay_sec });
    }
    const { config, key } = await readSyncSettings(db);
    const syncthing = openSyncthing({ url: config.syncthing.api_url, key });
    try {
      const checks = await preflight(syncthing, { folder, device, directory: this.#directory }, { signal });
      const failed = checks.filter(({ state }) => state === 'failed');
      const fault = failed.find(({ check }) => check !== 'connected');
      if (fault) return await this.#rest('blocked', fault.message, { isSettled: fault.check !== 'reachable' });
      await this.#sync(syncthing, failed[0]?.message ?? null);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof SyncthingError)) throw error;
      await this.#rest('blocked', error.message, { isSettled: error.kind !== 'unreachable' });
    }
  }

  /** Passes over the files, until all are confirmed or others need the worker. `away`: why the device is not connected. */
  async #sync(syncthing: Syncthing, away: string | null): Promise<void> {
    const { folder } = this.#params;
    const { signal } = this.#context;
    for (let pass = 1; ; pass += 1) {
      if (!this.#kept.is_scanned) {
        const scanned = await syncthing.scan(folder, this.#batch.name, signal);
        if (scanned === 'running') return this.#pause('scanning', null, { seconds: this.#options.shortest });
        this.#kept.is_scanned = true;
      }
      // While it is away, a look at each file says nothing new unless it came by in the meantime.
      if (away !== null && this.#kept.quiet > 0 && amountOf(await this.#needed(syncthing)) === this.#kept.needed)
        return this.#rest('offline', away);
      const cursor = await syncthing.lastEvent(signal);
      const look = await this.#look(syncthing);
      if (look.files.every((file) => look.found.get(file) === 'present')) return this.#finish(look.files);
      if (away !== null) return this.#rest('offline', away, { look });
      if (this.#kept.quiet >= quietPasses && look.needed.length === 0)
        return this.#rest('blocked', await this.#refuse(syncthing, look), { look, isSettled: true });
      if (this.#isStalled) return this.#rest('stalled', this.#stalledReason(look), { look });
      if (pass >= this.#options.passes) return this.#pause('sending', null, { look });
      await this.#context.checkpoint((trx) => this.#note(trx, 'sending', null, look));
      await syncthing.changedSince(cursor, this.#options.patience, signal);
    }
  }

  get #isStalled(): boolean {
    return Date.now() - this.#kept.changed_at >= this.#params.stall_min * 60_000;
  }

  #stalledReason({ needed }: Look): string {
    const minutes = Math.round((Date.now() - this.#kept.changed_at) / 60_000);
    return `The device is connected, but has taken nothing for ${minutes} minutes and still needs ${needed.length} files: its disk is full, or it has stopped the folder.`;
  }

  /**
   * Looks for what is not confirmed and keeps what is there. If that is all, looks for all files: what was confirmed before may have
   * changed since.
   */
  async #look(syncthing: Syncthing): Promise<Look> {
    const { folder, device } = this.#params;
    const { db, signal } = this.#context;
    const files = await findSyncedFiles(db, this.#batch.id);
    const of = { folder, device, directory: this.#directory };
    const missing = files.filter(({ is_confirmed }) => !is_confirmed);
    const found = new Map(await lookForFiles(syncthing, of, missing, { signal }));
    const present = missing.filter((file) => found.get(file) === 'present');
    for (let i = 0; i < present.length; i += slice) {
      const positions = present.slice(i, i + slice).map(({ position }) => position);
      await this.#context.checkpoint((trx) => confirmFiles(trx, this.#batch.id, positions));
    }
    const confirmed = files.filter(({ is_confirmed }) => is_confirmed);
    const isAll = present.length === missing.length;
    const again = isAll ? await lookForFiles(syncthing, of, confirmed, { signal }) : [];
    for (const [file, presence] of again) found.set(file, presence);
    if (!isAll) for (const file of confirmed) found.set(file, 'present');
    const needed = await this.#needed(syncthing);
    this.#compare(present.length > 0, needed);
    const outdated: (Presence | undefined)[] = ['not_indexed', 'differs', 'gone_here'];
    if ([...found.values()].some((presence) => outdated.includes(presence))) this.#kept.is_scanned = false;
    return { files, found, needed };
  }

  /** What the device still needs of the batch, as far as it has said so. */
  async #needed(syncthing: Syncthing): Promise<NeededFile[]> {
    const { folder, device } = this.#params;
    const needed = await syncthing.needed(folder, device, this.#context.signal);
    return needed.filter(
      ({ name, deleted }) => !deleted && (name === this.#batch.name || name.startsWith(`${this.#batch.name}/`)),
    );
  }

  /** Counts passes in which nothing has changed. */
  #compare(isConfirming: boolean, needed: readonly NeededFile[]): void {
    const amount = amountOf(needed);
    const [now, kept] = [Date.now(), this.#kept];
    if (isConfirming || amount !== kept.needed) Object.assign(kept, { quiet: 0, quiet_at: now, changed_at: now });
    else if (now - kept.quiet_at >= this.#options.calm) Object.assign(kept, { quiet: kept.quiet + 1, quiet_at: now });
    kept.needed = amount;
  }

  /** Writes why files are not confirmed; returns the reason of the batch. */
  async #refuse(syncthing: Syncthing, { files, found }: Look): Promise<string> {
    const said = await syncthing.fileErrors(this.#params.folder, this.#context.signal);
    const errors = new Map(said.map(({ path, error }) => [path, error]));
    const refused = files.flatMap((file) => {
      const presence = found.get(file);
      return presence === undefined || presence === 'present' ? [] : [{ ...file, why: whyNot(file, presence, errors) }];
    });
    for (let i = 0; i < refused.length; i += slice)
      await this.#context.checkpoint((trx) => refuseFiles(trx, this.#batch.id, refused.slice(i, i + slice)));
    return blockedReason(refused, files.length);
  }

  /** Ends the attempt of a sync that does not go on: with a failure, if that is what the configuration says. */
  async #rest(
    state: SyncState,
    reason: string,
    { look, isSettled = this.#isStalled }: { look?: Look; isSettled?: boolean } = {},
  ): Promise<void> {
    if (isSettled && this.#params.on_stall === 'error') {
      await this.#context.checkpoint(async (trx) => {
        await this.#note(trx, state, reason, look);
        await moveBatch(trx, this.#batch.id, 'ERROR', { reason });
      });
      throw new FinalFailure('incomplete', reason);
    }
    if (this.#batch.reason !== reason) this.#context.log.warn(reason);
    return this.#pause(state, reason, { ...(look && { look }), seconds: this.#params.poll_interval_sec });
  }

  /** Leaves the worker to others for a while; longer each time nothing has changed. */
  async #pause(
    state: SyncState,
    reason: string | null,
    { look, seconds }: { look?: Look; seconds?: number } = {},
  ): Promise<void> {
    const { shortest } = this.#options;
    const { poll_interval_sec: longest } = this.#params;
    const kept = this.#kept;
    kept.pause = kept.quiet === 0 ? shortest : Math.min(longest, Math.max(shortest, kept.pause * 2));
    const pause = seconds ?? kept.pause;
    kept.next_at = Date.now() + pause * 1_000;
    await this.#context.again(pause, async (trx) => {
      await this.#context.keep(trx, kept);
      await this.#note(trx, state, reason, look);
    });
  }

  /** Writes the reason and what was seen. */
  async #note(trx: Transaction<DB>, state: SyncState, reason: string | null, look: Look | undefined): Promise<void> {
    const { id } = this.#batch;
    await setBatchReason(trx, id, reason);
    const files = look?.files ?? (await findSyncedFiles(trx, id));
    const isThere = (file: SyncedFile) => (look ? look.found.get(file) === 'present' : file.is_confirmed);
    const snapshot = this.#snapshot(state, files, isThere, look?.needed);
    this.#context.progress({
      done: snapshot.percent,
      total: 100,
      unit: '%',
      ...(reason !== null && { message: reason }),
    });
    await writeSnapshot(trx, id, snapshot);
  }

  #snapshot(
    state: SyncState,
    files: readonly SyncedFile[],
    isThere: (file: SyncedFile) => boolean,
    needed: readonly NeededFile[] = [],
  ): Snapshot {
    const left = files.filter((file) => !isThere(file));
    return {
      state,
      percent: percentOf(files, isThere),
      needed_bytes: left.reduce((sum, { size }) => sum + size, 0),
      needed_items: left.length,
      said: { needed: needed.length, quiet: this.#kept.quiet },
    };
  }

  async #finish(files: readonly SyncedFile[]): Promise<void> {
    const { id, name } = this.#batch;
    try {
      await this.#context.finish(async (trx) => {
        const count = await endSync(trx, id);
        await writeSnapshot(
          trx,
          id,
          this.#snapshot('synced', files, () => true),
        );
        if (this.#params.sort_next) await this.#sortNext(trx);
        return { batch: id, name, files: count };
      });
    } catch (error) {
      if (!(error instanceof BatchChanged)) throw error;
      await this.#rest('blocked', error.message, { isSettled: true });
    }
  }

  /** Starts the sorting of the batch. What it lacks is the reason of the batch, which stays SYNCED. */
  async #sortNext(trx: Transaction<DB>): Promise<void> {
    const { id } = this.#batch;
    const { runs, run } = this.#context;
    await sql`savepoint sorting`.execute(trx);
    try {
      await startSort(trx, runs, {
        batch: String(id),
        starter: { trigger: 'event', actor: await findStarter(trx, run) },
      });
    } catch (error) {
      if (!(error instanceof StartRefused)) throw error;
      await sql`rollback to savepoint sorting`.execute(trx);
      await setBatchReason(trx, id, error.message, 'SYNCED');
    }
  }
}
