import type { FastifyRequest } from 'fastify';

/** Conditional writes (RFC 9110): a row's version is its `updated_at`, so that a list row already holds its ETag. */

/** The ETag of a row. */
export function etagOf(updatedAt: string): string {
  return `"${updatedAt}"`;
}

/**
 * The versions that If-Match accepts; undefined: any. Weak tags and malformed text match nothing (RFC 9110).
 */
export function acceptedVersions(request: FastifyRequest): string[] | undefined {
  const header = request.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const tags = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.filter((tag) => !tag.startsWith('W/')).map((tag) => tag.slice(1, -1));
}
