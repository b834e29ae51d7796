import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '@at/contracts/problem';
import { databaseFault } from '@at/db/database-fault';
import { NotFound, Refused, StartRefused } from '@at/domain/refused';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { AllowedMethods } from './allowed-methods.ts';
import { ApiError, invalidParts, maxFaults } from './api-error.ts';
import { pathOf } from './paths.ts';
import { hasSurrogate, surrogateFault } from './well-formed-text.ts';

/** Every reply that is not a success, in the one form of `Problem`. */

const contextNames = { body: 'body', querystring: 'query', params: 'path', headers: 'header' } as const;

/** The message for SQLSTATE 22, a value that fits the schema but not the column's type; undefined for other errors. */
function dataException({ code }: Error & { code?: unknown }): string | undefined {
  if (typeof code !== 'string' || !/^22[0-9A-Z]{3}$/.test(code)) return undefined;
  if (code === '22007' || code === '22008' || code === '22009')
    return 'There is no such date or time. Check its year, month, day, hour and offset.';
  if (['22021', '22P02', '22P05'].includes(code)) {
    return 'A value holds characters that cannot be kept, such as half of a surrogate pair. Send it as valid Unicode.';
  }
  return 'A value is outside what its column can hold. Use a smaller one.';
}

const noSuchDate = 'must be a date that the calendar has, and a time of day';

/** What a text must look like, by a part of its pattern. */
const patternTexts: [part: string, text: string][] = [
  ['u0000', 'must not contain a NUL character'],
  ['[eE]', 'must be a number'],
  [
    'T\\d\\d:',
    'must be a date and time with Z or an offset of less than 16 hours, whose + is written %2B in an address',
  ],
];
const patternText = (pattern: unknown) => patternTexts.find(([part]) => String(pattern).includes(part))?.[1];

/** A member name can be a megabyte; the reply shows this much. */
const maxNameLength = 200;

/** A member's name as part of a JSON pointer (RFC 6901). */
const pointerPart = (name: string) => name.slice(0, maxNameLength).replaceAll('~', '~0').replaceAll('/', '~1');

function validationProblem(error: FastifyError): ApiError {
  const where = contextNames[(error.validationContext ?? 'body') as keyof typeof contextNames] ?? 'body';
  // A discriminator is also reported as a property.
  const found = (error.validation ?? []).filter(({ keyword }) => keyword !== 'discriminator');
  const faults = found.slice(0, maxFaults).map(({ instancePath, keyword, params, message }) => {
    const member = params as {
      missingProperty?: string;
      additionalProperty?: string;
      allowedValues?: unknown[];
      pattern?: unknown;
    };
    const name = member.missingProperty ?? member.additionalProperty;
    const path = name === undefined ? instancePath : `${instancePath}/${pointerPart(name)}`;
    const pointer = where === 'body' ? path : path.replace(/^\//, '').replace(/\/\d+$/, '');
    const text =
      keyword === 'additionalProperties'
        ? 'is not a known member'
        : keyword === 'required'
          ? 'is required'
          : keyword === 'enum'
            ? `must be one of: ${member.allowedValues?.map(String).join(', ')}`
            : keyword === 'calendar'
              ? noSuchDate
              : (((keyword === 'pattern' && patternText(member.pattern)) || message) ?? 'is not valid');
    return { pointer, message: text };
  });
  return invalidParts(where, faults);
}

const texts: Record<string, [status: number, message: string]> = {
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'The body is empty.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'The body is larger than 1 MiB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'The body must be JSON (content-type: application/json).'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'The body is not as long as content-length says.'],
  FST_ERR_BAD_URL: [400, 'The path is not validly percent-encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: [404, 'There is nothing at a path this long.'],
};

/** The refusal for any error; `fault` is true where the log should hold the whole error: not for what another system refused. */
export function toApiError(error: Error & Partial<FastifyError>, method: string): { error: ApiError; fault: boolean } {
  if (error instanceof ApiError) return { error: error, fault: error.status >= 500 && error.status !== 502 };
  if (error instanceof NotFound)
    return { error: new ApiError(404, `${error.kind} not found`, error.message), fault: false };
  if (error instanceof Refused) {
    const kind = error instanceof StartRefused ? 'Not ready' : 'Not possible';
    return { error: new ApiError(409, kind, error.message), fault: false };
  }
  if (error.validation) return { error: validationProblem(error as FastifyError), fault: false };
  // Its message has the path, which the request no longer has.
  if (error.code === 'FST_ERR_BAD_URL' && hasSurrogate(error.message))
    return { error: invalidParts('path', [{ pointer: 'the path', message: surrogateFault }]), fault: false };
  const known = texts[error.code ?? ''];
  if (known)
    return {
      error: new ApiError(known[0], known[0] === 404 ? 'Not found' : 'Invalid request', known[1]),
      fault: false,
    };
  const misfit = dataException(error);
  if (misfit) return { error: new ApiError(422, 'Invalid request', misfit), fault: false };
  const isRead = method === 'GET' || method === 'HEAD';
  const kind = isRead ? 'Database error occurred' : 'Database error';
  const details =
    !isRead && error.code === '57014'
      ? 'The write took too long. Nothing was changed; try again.'
      : databaseFault(error);
  if (details) return { error: new ApiError(503, kind, details, { details }), fault: true };
  if (typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)) {
    const unexpected = 'The database returned an unexpected error. Find it in the log by the request id.';
    return { error: new ApiError(500, kind, unexpected, { details: unexpected }), fault: true };
  }
  if (error.statusCode && error.statusCode >= 400 && error.statusCode < 500) {
    return { error: new ApiError(error.statusCode, 'Invalid request', error.message), fault: false };
  }
  const message = 'An unexpected error. Find it in the log by the request id.';
  return { error: new ApiError(500, 'Internal server error', message), fault: true };
}

/** The body of every error. */
function problemBody(error: ApiError, instance: string): Problem {
  return {
    success: false,
    error: error.kind,
    message: error.message,
    type: 'about:blank',
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    instance,
    ...error.extra,
  };
}

/** Answers with the body of every error. */
export function sendProblem(error: ApiError, request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(error.headers);
  if (error.status === 503 && !reply.hasHeader('retry-after')) reply.header('retry-after', '2');
  reply.code(error.status).header('content-type', 'application/problem+json; charset=utf-8');
  // Serialised here: the route's own reply schema is about its successes.
  reply.serializer(JSON.stringify as (payload: unknown) => string).send(problemBody(error, request.id));
}

const unreadable: Record<string, [status: number, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are larger than 16 KiB.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time. Send it again.'],
};

/** Statuses of connections that ended before their request was complete, for the metrics. */
export const refusals = new WeakMap<Socket, number>();

/** Answers what Node could not read as a request, also with a `Problem`, and closes the connection. */
export function refuseUnreadable(
  error: Error & { code?: string },
  socket: Socket,
  headers: Record<string, string>,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = unreadable[error.code ?? ''] ?? [400, 'This is not a valid HTTP request.'];
  // The client has closed its side in the middle of a request.
  refusals.set(socket, error.code === 'HPE_INVALID_EOF_STATE' ? 499 : status);
  const id = randomUUID();
  const body = JSON.stringify(problemBody(new ApiError(status, 'Invalid request', message), id));
  const head = Object.entries({
    ...headers,
    'x-request-id': id,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.join('')}\r\n${body}`, () => socket.destroy());
}

/** The client disconnected before its request was complete, which is not an error of the API. */
const hasGone = ({ raw }: FastifyRequest) => raw.destroyed && !raw.complete;

type Options = {
  methods: AllowedMethods;
  /** Tried on a GET of an unknown path: true when it answered (the console's page). */
  page?: (request: FastifyRequest, reply: FastifyReply) => boolean;
};

/** 405 with the methods that the path has. */
function refuseMethod(request: FastifyRequest, reply: FastifyReply, allowed: string[]): void {
  reply.header('allow', allowed.join(', '));
  const message = `${request.method} is not possible at ${pathOf(request)}. It takes: ${allowed.join(', ')}.`;
  sendProblem(new ApiError(405, 'Method not allowed', message), request, reply);
}

/** Refuses the methods that a literal path does not have, before its body is read. Register it after all routes. */
export const methodsOfLiteralPaths = fastifyPlugin<{ methods: AllowedMethods }>(async (app, { methods }) => {
  for (const { url, method } of methods.hidden()) {
    app.route({
      url,
      method,
      schema: { hide: true },
      config: { role: 'viewer' },
      exposeHeadRoute: false,
      onRequest: async (request, reply) => {
        refuseMethod(request, reply, methods.of(url));
        return reply;
      },
      handler: () => {},
    });
  }
});

export const problems = fastifyPlugin<Options>(async (app, { methods, page }) => {
  app.addSchema(Problem);
  app.addHook('onRoute', (route) => methods.add(route));

  app.setErrorHandler((error: FastifyError, request, reply) => {
    if (hasGone(request)) {
      request.log.debug({ err: error }, 'The client disconnected before its request was complete');
      return sendProblem(new ApiError(499, 'Client disconnected', 'The request is not complete.'), request, reply);
    }
    const { error: answer, fault } = toApiError(error, request.method);
    if (fault) request.log.error({ err: error }, answer.message);
    else if (answer.status === 502) request.log.warn(answer.message);
    sendProblem(answer, request, reply);
  });

  const answerMissing = (request: FastifyRequest, reply: FastifyReply) => {
    const path = pathOf(request);
    const allowed = methods.of(path);
    if (allowed.length > 0) refuseMethod(request, reply, allowed);
    else if ((request.method !== 'GET' && request.method !== 'HEAD') || !page?.(request, reply)) {
      sendProblem(new ApiError(404, 'Not found', `There is nothing at ${path}.`), request, reply);
    }
  };
  app.setNotFoundHandler(answerMissing);
  // Node would answer 417 without a body. What is not understood of it may be ignored (RFC 9110).
  app.server.on('checkExpectation', app.routing);
  // Before the body is read: its content does not matter where nothing is.
  app.addHook('preParsing', async (request, reply) => {
    if (!request.is404) return;
    answerMissing(request, reply);
    return reply;
  });

  let stopping = false;
  app.addHook('preClose', async () => {
    stopping = true;
  });
  app.addHook('onRequest', async () => {
    if (stopping) throw new ApiError(503, 'Stopping', 'The API is stopping. Send the request again in a moment.');
  });
});
