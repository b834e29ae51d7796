import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Role } from '@at/contracts/vocabulary';

/** The keys that API_KEYS names, and the sessions of browsers that showed one. */

export type ApiKey = { name: string; role: Role; secret: string };

/** Seconds a session lasts. */
export const sessionLifetime = 30 * 24 * 60 * 60;
export const sessionCookie = 'rear_diff_session';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Takes as long wherever the texts differ, and however long they are. */
const equal = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));

/** The key with this secret. Every key is compared, so that the time reveals nothing. */
export function findKey(keys: readonly ApiKey[], secret: string): ApiKey | undefined {
  return keys.filter((key) => equal(key.secret, secret))[0];
}

const sign = ({ name, secret }: ApiKey, expires: number) =>
  createHmac('sha256', secret).update(`session ${name} ${expires}`).digest('base64url');

/**
 * What a browser keeps instead of the key: good until `expires` (seconds since 1970), on every process that knows the
 * key, and worthless once the key is removed or changed. The secret cannot be read from it.
 */
export function sessionToken(key: ApiKey, expires: number): string {
  return `${key.name}~${expires}~${sign(key, expires)}`;
}

/** The key of a session; undefined when it has expired or is not valid. */
export function keyOfSession(keys: readonly ApiKey[], token: string, now: number): ApiKey | undefined {
  const [name, expires = '', signature = ''] = token.split('~');
  const key = keys.find((one) => one.name === name);
  if (!key || !/^[1-9]\d{0,14}$/.test(expires) || Number(expires) <= now) return undefined;
  return equal(sign(key, Number(expires)), signature) ? key : undefined;
}
