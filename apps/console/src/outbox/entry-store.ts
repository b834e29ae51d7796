import { basePath, nameHere } from '#state/base-path.ts';
import type { Entry } from './outbox.ts';

/**
 * Unsent writes in IndexedDB, each with the tab that sends it. A strict transaction is complete once it is on disk, so a write
 * survives a crash of the browser; changes of localStorage reach the disk seconds later. Imports next to nothing, so that
 * looking for unsent writes does not load the outbox.
 */

/** `tab` sends the entry. */
type Kept = { tab: string; entry: Entry };

const database = nameHere('outbox');
const table = 'entries';
/** Prefix of the keys in localStorage, where earlier versions kept entries; none of those was below a path. */
const earlierPrefix = 'outbox.';

let opened: Promise<IDBDatabase> | undefined;

/** Rejects where the browser refuses storage. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(database, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'entry.id' });
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // Such as when the user clears the site's data.
      request.result.onclose = () => {
        opened = undefined;
      };
      resolve(request.result);
    };
  });
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

/** Runs requests in one transaction. Settles once it is complete: what a strict one wrote is then on disk. */
async function transact<T>(
  mode: IDBTransactionMode,
  run: (entries: IDBObjectStore) => T,
  durability: IDBTransactionDurability = 'relaxed',
): Promise<T> {
  const transaction = (await open()).transaction(table, mode, { durability });
  return new Promise((resolve, reject) => {
    const result = run(transaction.objectStore(table));
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = () => reject(transaction.error);
  });
}

async function readAll(): Promise<Kept[]> {
  const request = await transact('readonly', (entries) => entries.getAll() as IDBRequest<Kept[]>);
  return request.result;
}

/** What earlier versions left in localStorage; what is not an entry can never be sent. */
function readEarlier(): Entry[] {
  if (basePath !== '/') return [];
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(earlierPrefix))
      .flatMap((key) => {
        try {
          const entry = JSON.parse(localStorage.getItem(key) ?? '') as Entry | null;
          if (earlierPrefix + entry?.id === key) return entry as Entry;
        } catch {
          // Not JSON.
        }
        localStorage.removeItem(key);
        return [];
      });
  } catch {
    return [];
  }
}

function removeEarlier(id: string): void {
  try {
    localStorage.removeItem(earlierPrefix + id);
  } catch {
    // Storage is refused, so there is nothing.
  }
}

/** How many writes of all tabs are unsent; 0 where the browser refuses storage. */
export async function countEntries(): Promise<number> {
  const kept = await readAll().catch(() => []);
  return kept.length + readEarlier().length;
}

const lockOf = (tab: string) => `${database} ${tab}`;

/** Milliseconds to wait for the lock of another tab: the page before a reload releases its own a moment late. */
const patience = 500;

/** The entries of one tab. Without HTTPS or localhost there are no locks, and a browser may refuse them. */
export function openEntryStore(tab: string, locks: Pick<LockManager, 'request'> | undefined) {
  /** Whether this tab has a lock, which it holds until it closes, so that no other tab takes its entries over. */
  const isExclusive = new Promise<boolean>((resolve) => {
    if (!locks) return resolve(false);
    const hold = () => {
      resolve(true);
      return new Promise(() => {});
    };
    locks.request(lockOf(tab), hold).catch(() => resolve(false));
  });
  let hasTakenOver = false;

  async function put(entry: Entry): Promise<void> {
    await isExclusive;
    const write = (entries: IDBObjectStore) => {
      entries.put({ tab, entry } satisfies Kept);
      // Without waiting for the result of the request, so that both reach the browser's process at once.
      entries.transaction.commit();
    };
    await transact('readwrite', write, 'strict');
  }

  /** Makes the entries of another tab this one's, and returns them. */
  async function take(other: string): Promise<Entry[]> {
    const taken: Entry[] = [];
    await transact('readwrite', (entries) => {
      const request = entries.getAll() as IDBRequest<Kept[]>;
      request.onsuccess = () => {
        for (const kept of request.result.filter((one) => one.tab === other)) {
          entries.put({ ...kept, tab });
          taken.push(kept.entry);
        }
      };
    });
    return taken;
  }

  /** Nothing if the other tab is still open. */
  const takeIfClosed = (other: string) =>
    (locks as LockManager).request(lockOf(other), { signal: AbortSignal.timeout(patience) }, () => take(other));

  async function takeEarlier(): Promise<Entry[]> {
    const entries = readEarlier();
    for (const entry of entries) {
      await put(entry).then(
        () => removeEarlier(entry.id),
        // It stays there until it is sent.
        () => {},
      );
    }
    return entries;
  }

  return {
    isExclusive,
    /** Settles once the entry survives a crash. Rejects where the browser refuses storage. */
    put,
    /** Whether no tab has sent the entry yet. Rejects where the browser refuses storage. */
    has: async (id: string): Promise<boolean> =>
      (await transact('readonly', (entries) => entries.getKey(id))).result !== undefined,
    remove: async (id: string): Promise<void> => {
      removeEarlier(id);
      // As `put` does, which may be called just before.
      await isExclusive;
      await transact('readwrite', (entries) => entries.delete(id)).catch(() => {});
    },
    /**
     * Makes the entries of closed tabs this one's, and returns them. Without locks nobody knows which tabs are closed: then it
     * returns those of all tabs, the first time only.
     */
    takeOver: async (): Promise<Entry[]> => {
      const isFirst = !hasTakenOver;
      hasTakenOver = true;
      const earlier = isFirst ? await takeEarlier() : [];
      const hasLocks = await isExclusive;
      if (!hasLocks && !isFirst) return [];
      const kept = await readAll().catch(() => []);
      const others = [...new Set(kept.map((one) => one.tab))].filter((other) => other !== tab);
      const takeFrom = hasLocks ? takeIfClosed : take;
      const taken = await Promise.all(others.map((other) => takeFrom(other).catch(() => [])));
      return [...earlier, ...taken.flat()];
    },
  };
}

export type EntryStore = ReturnType<typeof openEntryStore>;
