import { hash } from 'node:crypto';
import type { DB } from '@at/db/schema';
import type { Writes } from '@at/db/writes';
import {
  findEffects,
  KeyReused,
  type Once,
  OutcomeUnknown,
  saveEffects,
  transactOnce,
  type WriteId,
} from '@at/domain/idempotency';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely, Transaction } from 'kysely';
import { actorOf } from '#request/actor.ts';
import { ApiError, invalid } from './api-error.ts';

/** JSON in which the order of members does not matter. */
const sorted = (_name: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/** If-Match is no part of it: it is about the row, and a caller may have read it again. */
function digestOf({ method, routeOptions, params, body }: FastifyRequest): string {
  return hash('sha256', JSON.stringify([method, routeOptions.url, params, body ?? {}], sorted), 'base64url');
}

function keyReused(): ApiError {
  return invalid(
    'header',
    'idempotency-key',
    'You have used this Idempotency-Key for another request. Send a new key, or the same request.',
  );
}

function outcomeUnknown(key: string, cause: Error): ApiError {
  const message =
    'The connection to the database broke before its reply, so it is unknown whether the write has happened. ' +
    `Repeat the request with the header Idempotency-Key: ${key} to find out; it happens once at most.`;
  const extra = { details: 'The database is unreachable.', idempotency_key: key };
  return Object.assign(new ApiError(503, 'Outcome unknown', message, extra), { cause });
}

export type Done<T> = {
  outcome: T;
  /**
   * Does what follows the write outside of the database, and returns what the reply reports of it: the same for a repeated
   * request. `interrupted` is the report if the first request ended before.
   */
  afterwards: <E extends object>(db: Kysely<DB>, interrupted: E, work: () => Promise<E>) => Promise<E>;
};

/**
 * Runs the write of a request once for its Idempotency-Key; without one, for the request's id. Returns the outcome, the first
 * one for a repeated request. Throws 422 if the key belongs to another request, and 503 if the outcome cannot be known.
 */
export async function once<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  write: (id: WriteId) => Promise<Once<T>>,
): Promise<Done<T>> {
  const [given] = [request.headers['idempotency-key']].flat();
  const id = {
    actor: actorOf(request).name,
    key: given ?? request.id,
    requestId: given === undefined ? null : request.id,
    digest: digestOf(request),
  };
  try {
    const { outcome, repeated } = await write(id);
    if (repeated) reply.header('idempotency-replayed', 'true');
    return {
      outcome,
      afterwards: async <E extends object>(db: Kysely<DB>, interrupted: E, work: () => Promise<E>) => {
        if (repeated) return (await findEffects<E>(db, id)) ?? interrupted;
        const effects = await work();
        await saveEffects(db, id, effects).catch((error: Error) =>
          request.log.warn(
            { err: error },
            'A repeated request will not learn what this one did outside of the database',
          ),
        );
        return effects;
      },
    };
  } catch (error) {
    if (error instanceof KeyReused) throw keyReused();
    if (error instanceof OutcomeUnknown) throw outcomeUnknown(id.key, error);
    throw error;
  }
}

/** Where a write happens. `what` names in an error what another session may have locked. */
export type Place = { writes: Writes; what: string };

/** Runs a write of several statements in a transaction, once, as `once` does. Its outcome is JSON. */
export function transactFor<T extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  { writes, what }: Place,
  write: (trx: Transaction<DB>) => Promise<T>,
): Promise<Done<T>> {
  return once(request, reply, (id) => transactOnce((work) => writes.transaction(what, work), id, write));
}
