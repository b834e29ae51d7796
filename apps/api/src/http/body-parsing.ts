import { isUtf8 } from 'node:buffer';
import { momentPattern } from '@at/contracts/paging';
import { Ajv, type ValidateFunction } from 'ajv';
import fastifyPlugin from 'fastify-plugin';
import { isDeeper } from '#request/json-limits.ts';
import { ApiError, invalid } from './api-error.ts';
import { isInCalendar } from './calendar.ts';

/** The most levels of a body, because handlers walk it by recursion. No contract has as many. */
const deepest = 64;

/** A validator that is compiled when it is first used: compiling all of them was most of the time of a start. */
function lazily(ajv: Ajv, schema: object): ValidateFunction {
  let compiled: ValidateFunction | undefined;
  const validate = (data: unknown): boolean => {
    compiled ??= ajv.compile(withCalendar(schema));
    const isValid = compiled(data);
    validate.errors = compiled.errors;
    return isValid;
  };
  validate.errors = null as ValidateFunction['errors'];
  return validate as ValidateFunction;
}

/** Checks a moment against the calendar. Not in the contracts: for tools that compare documents it would be a break. */
const keywords = [
  { keyword: 'calendar', type: 'string', schema: false, validate: isInCalendar, errors: false } as const,
];
const withCalendar = (schema: object) =>
  JSON.parse(JSON.stringify(schema), (_name, part) =>
    part?.pattern === momentPattern ? { ...part, calendar: true } : part,
  ) as object;

/** Parameters arrive as text and are coerced; a body has its own types (null is not a boolean there). */
export function createValidators(): { parameters: Ajv; bodies: Ajv } {
  const options = { removeAdditional: false, useDefaults: true, allErrors: true, strict: false, keywords } as const;
  return {
    parameters: new Ajv({ ...options, coerceTypes: true }),
    bodies: new Ajv({ ...options, coerceTypes: false, discriminator: true }),
  };
}

/** Of all apps of a process: the schemas are the same, and compiling one costs more than a start without it. */
const { parameters, bodies } = createValidators();

/** Reads bodies, and validates bodies and parameters; unknown members are errors. */
export const bodyParsing = fastifyPlugin(async (app) => {
  app.setValidatorCompiler(({ schema, httpPart }) =>
    lazily(httpPart === 'body' ? bodies : parameters, schema as object),
  );
  // A reply is what its handler is typed to return; a number beyond 2^53 travels as raw JSON, which only this writes.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  // Without a body, its headers are ignored, also unsupported ones.
  app.addHook('onRequest', async ({ headers }) => {
    const isEmpty = headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
    if (isEmpty) for (const name of ['content-type', 'content-encoding'] as const) delete headers[name];
    else if (headers['content-type'] === '') delete headers['content-type'];
  });
  app.addHook('preParsing', async ({ headers, is404 }) => {
    if (is404 || /^(identity)?$/i.test(headers['content-encoding'] ?? '')) return;
    throw new ApiError(415, 'Invalid request', 'The body must not be compressed. Leave content-encoding out.');
  });
  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(/^application\/([\w.-]+\+)?json\b/i, { parseAs: 'buffer' }, (request, body, done) => {
    // As text, invalid bytes would silently become another character.
    if (!isUtf8(body as Buffer)) done(new ApiError(422, 'Invalid request', 'The body must be valid UTF-8.'), undefined);
    else if (String(body).trim() === '') done(null, undefined);
    else parseJson(request, String(body), done);
  });
  // Actions need no body, so an empty one is accepted with any content type. A body without a type is JSON.
  app.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const text = String(body).trim();
    if (text === '' || text === '{}') done(null, undefined);
    else if (!request.headers['content-type']) parseJson(request, text, done);
    else
      done(new ApiError(415, 'Invalid request', 'The body must be JSON (content-type: application/json).'), undefined);
  });
  app.addHook('preValidation', async (request) => {
    const { schema, url = '' } = request.routeOptions;
    // Below the prefix, callers of the original send null for nothing. Elsewhere an empty body means all of something.
    const isNothing = request.body === undefined || (request.body === null && !url.startsWith('/api/'));
    if (schema?.body && isNothing) request.body = {};
    if (isDeeper(request.body, deepest))
      throw invalid('body', '', `The body must not be nested deeper than ${deepest}.`);
  });
});
