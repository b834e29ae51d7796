import type { FastifyRequest } from 'fastify';

/** The decoded path of a request; a path that cannot be decoded was refused before. */

/** A client that takes this for a proxy writes the whole address. */
const written = ({ url }: FastifyRequest) => url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1)[0] as string;

/** The path as the router reads it. */
export function pathOf(request: FastifyRequest): string {
  return decodeURI(written(request));
}

/** The path that is meant, however it is spelled: `//rear%2Ddiff/x` means `/rear-diff/x`, although no route answers it. */
export function meantPath(request: FastifyRequest): string {
  return decodeURIComponent(written(request)).replace(/\/{2,}/g, '/');
}

/** Whether a path is that of the API, or lies below it. */
export function isBelow(path: string, prefix: string): boolean {
  return prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`));
}
