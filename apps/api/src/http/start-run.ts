import type { FileAction } from '@at/contracts/vocabulary';
import type { DB } from '@at/db/schema';
import { noteFileAct } from '@at/domain/activity/writes';
import type { Actor } from '@at/domain/actor';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Transaction } from 'kysely';
import { actorOf } from '#request/actor.ts';
import { type Done, type Place, transactFor } from './idempotency.ts';

export type ByRequest = { trigger: 'manual'; actor: Actor };

/** Who a run is for that a request starts. */
export const starterOf = (request: FastifyRequest): ByRequest => ({ trigger: 'manual', actor: actorOf(request) });

/**
 * Starts a run for a request, once, and writes in the activity that it has `action`, unless the run was there before (`started` false).
 * What else `start` returns is stored with the outcome, so it is JSON.
 */
export function startFor<T extends object>(
  request: FastifyRequest,
  reply: FastifyReply,
  { action, ...place }: Place & { action: FileAction | null },
  start: (trx: Transaction<DB>, starter: ByRequest) => Promise<T & { id: string; joined: boolean }>,
): Promise<Done<Omit<T, 'id' | 'joined'> & { run_id: string; started: boolean }>> {
  return transactFor(request, reply, place, async (trx) => {
    const starter = starterOf(request);
    const { id: run_id, joined, ...more } = await start(trx, starter);
    if (!joined && action !== null) await noteFileAct(trx, starter.actor, action, { run: run_id });
    return { ...more, run_id, started: !joined };
  });
}
