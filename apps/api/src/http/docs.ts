import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '../config.ts';

type Operation = {
  summary: string;
  requestBody?: { required?: boolean; content: Record<string, { schema: { required?: string[] } }> };
  responses: Record<string, { description: string }>;
};

/** Says what the generator cannot know: a body whose members may all be absent may be absent, and what a success is. */
const complete: SwaggerTransformObject = (document) => {
  if (!('openapiObject' in document)) return document.swaggerObject;
  const paths = document.openapiObject.paths as Record<string, Record<string, Operation>>;
  for (const { summary, requestBody, responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (responses[200]) responses[200].description = summary;
    if (requestBody) requestBody.required = requestBody.content['application/json']?.schema.required !== undefined;
  }
  return document.openapiObject;
};

/** OpenAPI 3.1 from the route schemas, at `/docs`, `/redoc` and `/openapi.json` below the prefix; works offline. */
export const docs = fastifyPlugin<{ config: Config }>(async (app, { config }) => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'rear-differential',
        version: config.version,
        description:
          'The API between the database of the automatic transmission platform and everything in front of it. ' +
          'Errors have one form (Problem); lists take limit, offset or cursor; a write may carry If-Match with the ' +
          'ETag of the row it was decided on.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This host' }],
      tags: [
        { name: 'training', description: 'Titles of the labelled set' },
        { name: 'labels', description: 'Deciding labels and flags, taking decisions back, and who decided when' },
        { name: 'flyway', description: 'Migration history' },
        { name: 'system', description: 'Health and facts about this installation' },
      ],
    },
    hideUntagged: true,
    transformObject: complete,
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `schema-${index}`) },
  });
  await app.register(swaggerUi, {
    routePrefix: `${config.prefix}/docs`,
    uiConfig: { deepLinking: true, tryItOutEnabled: true },
  });
  app.get(`${config.prefix}/openapi.json`, { schema: { hide: true } }, () => app.swagger());
  app.get(`${config.prefix}/redoc`, { schema: { hide: true } }, (_request, reply) =>
    reply.redirect(`${config.prefix}/docs`),
  );
});
