import type { FastifyRequest } from 'fastify';

/** Who asks for a change. */
export type Actor = {
  name: string;
  /** false: the name is only what the caller says of itself. */
  verified: boolean;
};

/** The caller's name from X-Actor, else anonymous. */
export function actorOf(request: FastifyRequest): Actor {
  const [said] = [request.headers['x-actor']].flat();
  return { name: said?.trim().slice(0, 100) || 'anonymous', verified: false };
}
