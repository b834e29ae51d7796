import type { FastifyRequest } from 'fastify';

/** The decoded path of a request; a path that cannot be decoded was refused before. */

/** A client that treats this server as a proxy sends the whole address. */
const written = ({ url }: FastifyRequest) => url.replace(/^https?:\/\/[^/]*/i, '').split(/[?#]/, 1)[0] as string;

/** The path as the router reads it. */
export function pathOf(request: FastifyRequest): string {
  return decodeURI(written(request));
}

/** The normalised path: `//rear%2Ddiff/x` becomes `/rear-diff/x`, although no route matches it. */
export function meantPath(request: FastifyRequest): string {
  return decodeURIComponent(written(request)).replace(/\/{2,}/g, '/');
}

/** The address of a request without the path of the proxy, which may have stripped it already. */
export function withoutBase(url: string, base: string): string {
  const rest = url.startsWith(base) ? url.slice(base.length) : url;
  if (rest.startsWith('/')) return rest;
  return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
}

/** Whether a path is the prefix or below it. */
export function isBelow(path: string, prefix: string): boolean {
  return prefix !== '' && (path === prefix || path.startsWith(`${prefix}/`));
}
