import { isUtf8 } from 'node:buffer';
import { type Role, roles } from '@at/contracts/vocabulary';
import type { Actor } from '@at/domain/actor';
import type { FastifyRequest } from 'fastify';
import type { ApiKey } from './api-keys.ts';

const callers = new WeakMap<FastifyRequest, ApiKey>();

/** Remembers the key that came with the request. */
export function setCaller(request: FastifyRequest, key: ApiKey): void {
  callers.set(request, key);
}

/** The key that came with the request; undefined: none did, or none is needed. */
export function callerOf(request: FastifyRequest): ApiKey | undefined {
  return callers.get(request);
}

/** Whether the role `held` includes the role `needed`. */
export function suffices(held: Role, needed: Role): boolean {
  return roles.indexOf(held) >= roles.indexOf(needed);
}

/** Characters of a name that are kept. */
const nameLength = 100;

/** A header's text. Node reads the bytes as Latin-1, but clients send UTF-8; text that is not valid UTF-8 stays as it is. */
function headerText(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

/** The name of the caller's key; without keys the name in X-Actor, else anonymous. */
export function actorOf(request: FastifyRequest): Actor {
  const key = callerOf(request);
  if (key) return { name: key.name, verified: true };
  const [given] = [request.headers['x-actor']].flat();
  // By code points: a name must not end in half of one.
  const name = [...headerText(given ?? '').trim()].slice(0, nameLength).join('');
  return { name: name || 'anonymous', verified: false };
}
