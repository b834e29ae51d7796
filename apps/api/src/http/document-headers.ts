import type { Operation } from './examples.ts';

/** Adds headers to the document: hooks and handlers read and write them, and the schemas do not have them. */

/** Without an `example`: Swagger UI fills it in, and every call tried there would be refused as stale. */
const request = {
  IfMatch: {
    name: 'If-Match',
    description:
      'The version that the row must have, its ETag, as "2025-05-21T02:27:51.094287Z". Without it, or with *, any. ' +
      'Another version is 412.',
  },
  Prefer: {
    name: 'Prefer',
    description: 'handling=strict: a parameter that is not known is refused, not ignored (RFC 7240)',
  },
  Actor: {
    name: 'X-Actor',
    description: "The caller's name, where no keys are needed; UTF-8. With a key, the actor is the name of the key.",
  },
  LastEventId: {
    name: 'Last-Event-ID',
    description: 'Continue after this event, as a browser does by itself when it reconnects',
  },
} as const;

type Header = { description: string; schema: { type: 'string' | 'integer'; pattern?: string; examples?: unknown[] } };

const reply = {
  ETag: {
    description: "The row's version, for If-Match",
    schema: { type: 'string', examples: ['"2025-05-21T02:27:51.094287Z"'] },
  },
  Age: { description: 'Seconds since it was counted; not with count=none', schema: { type: 'integer', examples: [0] } },
  'X-Flyway-Schema': {
    description: 'The schema that was read, percent-encoded; only if there is a history',
    schema: { type: 'string', examples: ['public'] },
  },
  'X-Request-Id': { description: 'The id of this request, as in the log', schema: { type: 'string' } },
  'X-Unknown-Parameters': {
    description: 'The parameters that were ignored, percent-encoded, the first ten of them; only if there were any',
    schema: { type: 'string', examples: ['colour'] },
  },
  'X-Advice': { description: 'With an offset beyond 10,000: how to page with less work', schema: { type: 'string' } },
  'Idempotency-Replayed': {
    description: 'true: the request was sent before with this key; the reply is the first one',
    schema: { type: 'string', examples: ['true'] },
  },
  'Retry-After': {
    description: 'Seconds to wait before retrying',
    schema: { type: 'string', pattern: '^\\d+$', examples: ['2'] },
  },
  'WWW-Authenticate': {
    description: 'How a key is sent',
    schema: { type: 'string', examples: ['Bearer realm="rear-diff"'] },
  },
} satisfies Record<string, Header>;
type ReplyHeader = keyof typeof reply;

/** Headers of replies, for the components of the document. */
export const sharedHeaders: Record<string, Header> = reply;

const references = (names: readonly ReplyHeader[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Adds headers to the operations of a document; removes `x-reply-headers`, which endpoints declare. */
export function addHeaders(paths: Record<string, Record<string, Operation>>): void {
  for (const [method, operation] of Object.values(paths).flatMap((methods) => Object.entries(methods))) {
    const { responses, parameters = [] } = operation;
    const takes = (name: string) => parameters.some((one) => one.name === name);
    const hasQuery = parameters.some((one) => one.in === 'query');
    // The actor decides which views are read.
    const isActors = operation['x-least-role'] !== 'public' && (method !== 'get' || operation.tags.includes('views'));
    const requestHeaders = [
      ...(responses[412] ? [request.IfMatch] : []),
      ...(hasQuery ? [request.Prefer] : []),
      ...(isActors ? [request.Actor] : []),
      ...(takes('last_event_id') ? [request.LastEventId] : []),
    ];
    if (requestHeaders.length > 0) {
      const added = requestHeaders.map((header) => ({ ...header, in: 'header', schema: { type: 'string' } }));
      operation.parameters = [...parameters, ...added];
    }
    const ofSuccess: ReplyHeader[] = [
      ...(operation['x-reply-headers'] ?? []),
      'X-Request-Id',
      ...(hasQuery ? (['X-Unknown-Parameters'] as const) : []),
      ...(takes('offset') ? (['X-Advice'] as const) : []),
      ...(takes('idempotency-key') ? (['Idempotency-Replayed'] as const) : []),
    ];
    const replyHeaders: Record<number, ReplyHeader[]> = {
      200: ofSuccess,
      202: ofSuccess,
      401: ['WWW-Authenticate'],
      412: operation['x-reply-headers']?.filter((name) => name === 'ETag') ?? [],
      429: ['Retry-After'],
      503: ['Retry-After'],
    };
    for (const [status, names] of Object.entries(replyHeaders)) {
      const response = responses[status];
      if (response && names.length > 0) response.headers = references(names);
    }
    delete operation['x-reply-headers'];
  }
}
