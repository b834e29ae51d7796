import { readFileSync } from 'node:fs';
import { roles } from '@at/contracts/vocabulary';
import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifySchema } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import type { Example } from '#docs/examples/example.ts';
import { sessionCookie } from '#request/api-keys.ts';
import { addHeaders, sharedHeaders } from './document-headers.ts';
import { addExamples, type Operation, sharedExamples } from './examples.ts';

/** The guide for callers, folded, so that operations are at the top of the page. */
const guide = readFileSync(new URL('../../docs/guide.md', import.meta.url), 'utf8').replace(/^# .*\n+/, '');
const description = `The API between the database of the automatic transmission platform and everything in front of it.

<details>
<summary>Guide for callers: lists, values, errors, versions and undo, bulk changes, events, export, keys, limits</summary>

${guide}
</details>
`;

/**
 * Says what the generator cannot know: a body whose members may all be absent may be absent, what a success is, and what
 * each operation looks like in use.
 */
const complete =
  (examples: Example[]): SwaggerTransformObject =>
  (document) => {
    if (!('openapiObject' in document)) return document.swaggerObject;
    const paths = document.openapiObject.paths as Record<string, Record<string, Operation>>;
    for (const { summary, requestBody, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
      const success = responses[200] ?? responses[202];
      if (success) success.description = summary;
      if (requestBody) requestBody.required = requestBody.content['application/json']?.schema.required !== undefined;
    }
    addExamples(paths, examples);
    addHeaders(paths);
    return document.openapiObject;
  };

/** Adds the role that an operation needs, and writes the root's path as its endpoint does. */
const asDeclared =
  (prefix: string): SwaggerTransform =>
  ({ schema, url, route }) => {
    const { role, replyHeaders } = route.config ?? {};
    // The roles up to the lowest that suffices: a higher one is then an added scope, which breaks callers.
    const scopes = role === undefined || role === 'public' ? [] : roles.slice(0, roles.indexOf(role) + 1);
    const security = role === 'public' ? [] : [{ key: scopes }, { bearer: scopes }, { session: scopes }];
    return {
      schema: {
        ...schema,
        security,
        'x-least-role': role,
        ...(replyHeaders && { 'x-reply-headers': replyHeaders }),
      } as FastifySchema,
      url: url === prefix ? `${prefix}/` : url,
    };
  };

type Documented = { contract: { tag: { name: string; description: string } }; examples: readonly Example[] };

/** OpenAPI 3.1 from the route schemas, at `/docs`, `/redoc` and `/openapi.json` below the prefix; works offline. */
export const docs = fastifyPlugin<{ config: Config; features: readonly Documented[] }>(
  async (app, { config, features }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'rear-differential',
          version: config.version,
          description,
          license: { name: 'MIT', identifier: 'MIT' },
        },
        components: {
          examples: sharedExamples,
          headers: sharedHeaders,
          securitySchemes: {
            key: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'Needed where API_KEYS names keys' },
            bearer: { type: 'http', scheme: 'bearer', description: 'The same key' },
            session: { type: 'apiKey', in: 'cookie', name: sessionCookie, description: 'From POST /session' },
          },
        },
        servers: [{ url: config.basePath || '/', description: 'This host' }],
        tags: features.map(({ contract }) => contract.tag),
      },
      hideUntagged: true,
      transform: asDeclared(config.prefix),
      transformObject: complete(features.flatMap(({ examples }) => examples)),
      refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `schema-${index}`) },
    });
    const asViewer = { schema: { hide: true }, config: { role: 'viewer' } } as const;
    await app.register(async (pages) => {
      // The routes of the library have no role.
      pages.addHook('onRoute', (route) => {
        route.config = { ...route.config, role: 'viewer' };
      });
      await pages.register(swaggerUi, {
        routePrefix: `${config.prefix}/docs`,
        indexPrefix: config.basePath,
        uiConfig: { deepLinking: true, tryItOutEnabled: true },
      });
    });
    app.get(`${config.prefix}/openapi.json`, asViewer, () => app.swagger());
    app.get(`${config.prefix}/redoc`, asViewer, (_request, reply) => reply.redirect(`${config.publicPrefix}/docs`));
  },
);
