import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { type ApiKey, findKey } from './api-keys.ts';

/** Different wrong keys that an address may send before it must wait. */
const free = 10;
/** Milliseconds: the longest wait, and how long wrong keys count after the last of them. */
const longestWait = 60_000;
const memory = 15 * 60_000;

/** `recent` are digests of the last wrong keys: the same one again, from a client with an old key, does not count as a guess. */
type Attempts = { wrong: number; recent: string[]; last: number };

/** An IPv6 client has all addresses of its /64. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

/**
 * Finds keys, and slows down guessing: an address that has sent ten different wrong keys waits a second before the API
 * looks at its next one, then two, then four, up to a minute. Sessions, and callers without a key, wait for nothing.
 */
export class KeyAttempts {
  readonly #addresses = new Map<string, Attempts>();
  readonly #now: () => number;
  /** Addresses to remember; the one that was wrong longest ago is forgotten first. */
  readonly #capacity: number;

  constructor({ now = Date.now, capacity = 2_000 } = {}) {
    this.#now = now;
    this.#capacity = capacity;
  }

  /** The key with this secret, which counts as an attempt; undefined: none has it. */
  find(keys: readonly ApiKey[], secret: string, address: string): ApiKey | undefined {
    const key = findKey(keys, secret);
    if (!key) this.#remember(networkOf(address), secret);
    return key;
  }

  /** Seconds, rounded up, that the address must wait before its next key; 0: none. */
  wait(address: string): number {
    const network = networkOf(address);
    const attempts = this.#addresses.get(network);
    if (!attempts || attempts.wrong < free) return 0;
    const until = attempts.last + Math.min(1_000 * 2 ** (attempts.wrong - free), longestWait);
    return Math.max(0, Math.ceil((until - this.#now()) / 1_000));
  }

  #remember(network: string, secret: string): void {
    const now = this.#now();
    const digest = createHash('sha256').update(secret).digest('base64');
    const known = this.#addresses.get(network);
    const attempts = known && now - known.last < memory ? known : { wrong: 0, recent: [], last: now };
    if (attempts.recent.includes(digest)) return;
    attempts.wrong += 1;
    attempts.last = now;
    attempts.recent = [...attempts.recent, digest].slice(-free);
    // The order of the map is that of the last wrong key.
    this.#addresses.delete(network);
    this.#addresses.set(network, attempts);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size > this.#capacity && oldest !== undefined) this.#addresses.delete(oldest);
  }
}
