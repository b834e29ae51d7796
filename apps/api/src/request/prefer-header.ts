import type { FastifyReply, FastifyRequest } from 'fastify';

/** How strictly a caller wants its parameters read (RFC 7240), and how a lenient one learns what was not understood. */

const headerName = 'x-unknown-parameters';

/** The caller prefers a refusal to a lenient reading. */
export function isStrict(request: FastifyRequest): boolean {
  return /(^|[,;\s])handling\s*=\s*("strict"|strict(?=[,;\s]|$))/i.test([request.headers.prefer].flat().join(','));
}

/** Adds names to X-Unknown-Parameters: percent-encoded, the first ten, at most 500 bytes. */
export function reportUnknown(reply: FastifyReply, names: string[]): void {
  const present = String(reply.getHeader(headerName) ?? '');
  // A lone surrogate has no UTF-8 form, and encodeURIComponent would throw.
  const encoded = names.map((name) => encodeURIComponent(name.toWellFormed()));
  let value = '';
  for (const part of [...(present ? present.split(', ') : []), ...encoded].slice(0, 10)) {
    const longer = value ? `${value}, ${part}` : part;
    if (longer.length <= 500) value = longer;
  }
  if (value) reply.header(headerName, value);
}
