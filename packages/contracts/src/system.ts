import { type Static, type TString, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, StringEnum } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { liveModes } from './vocabulary.ts';

export const tag = { name: 'system', description: 'Health and facts about this installation' };
const tags = [tag.name];

export const getRoot = endpoint({
  method: 'GET',
  url: '/',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getRoot',
    summary: 'Name of the API and where to find its documentation',
    tags,
    response: {
      200: Type.Object({ message: Type.String(), docs: Type.String(), health: Type.String() }),
      ...problems(),
    },
  },
});

const Alive = Type.Object({ status: Type.Literal('healthy'), version: Type.String(), uptime_seconds: Type.Number() });

export const getHealth = endpoint({
  method: 'GET',
  url: '/health',
  config: { role: 'public' },
  schema: {
    operationId: 'getHealth',
    summary: 'The process is alive',
    description: 'Does not query the database; /readyz does.',
    tags,
    response: { 200: Alive, ...problems() },
  },
});

export const getLivez = endpoint({
  method: 'GET',
  url: '/livez',
  config: { role: 'public' },
  schema: { operationId: 'getLivez', summary: 'The same as /health', tags, response: { 200: Alive, ...problems() } },
});

export const Check = Type.Object({
  name: Type.String(),
  status: StringEnum(['ok', 'degraded', 'failed'], {
    description: 'degraded: slower or with fewer features; failed: requests will fail',
  }),
  detail: Type.String({ description: 'One sentence: the state, and what to do' }),
  missing: Type.Optional(Type.Array(Type.String())),
  ms: Type.Optional(Type.Number({ description: 'Duration of the check' })),
});

export const Readiness = Type.Object(
  { status: StringEnum(['ready', 'not ready']), checks: Type.Array(Check) },
  { $id: 'Readiness' },
);
export type Readiness = Static<typeof Readiness>;

export const getReadyz = endpoint({
  method: 'GET',
  url: '/readyz',
  config: { role: 'public' },
  schema: {
    operationId: 'getReadyz',
    summary: 'Ready to serve requests',
    description:
      '503 when a check fails; missing indexes only degrade. When keys are configured, a caller without one gets an ' +
      'empty checks.',
    tags,
    response: { ...problems(), 200: Readiness, 503: { ...Readiness, $id: 'NotReady' } },
  },
});

export const getMetrics = endpoint({
  method: 'GET',
  url: '/metrics',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getMetrics',
    summary: 'Metrics for Prometheus',
    description:
      'Also at /metrics, without the prefix. When keys are configured, Prometheus sends one as a bearer token.',
    tags,
    response: {
      200: { description: '', content: { 'text/plain': { schema: Type.String() } } } as unknown as TString,
      ...problems(),
    },
  },
});

export const Meta = Type.Object(
  {
    name: Type.String(),
    version: Type.String(),
    prefix: Type.String(),
    environment: Type.String(),
    started_at: Timestamp,
    uptime_seconds: Type.Number(),
    database: Type.Object({
      reachable: Type.Boolean(),
      name: Nullable(Type.String()),
      host: Nullable(Type.String(), { description: 'null: a socket on this machine' }),
      version: Nullable(Type.String()),
      embedded: Type.Boolean({ description: 'The embedded cluster of `pnpm start`' }),
      latency_ms: Nullable(Type.Number()),
    }),
    schemas: Type.Array(
      Type.Object({
        schema: StringEnum(['public', 'console', 'console extras']),
        version: Nullable(Type.String(), { description: 'The highest applied version; null: none' }),
        installed_on: Nullable(Timestamp),
        failed: Type.Integer({ description: 'Failed migrations, also in the history of another project' }),
        pending: Nullable(Type.Integer(), { description: 'null: another project keeps this history' }),
      }),
    ),
    demo: Type.Boolean({ description: 'The titles are the demo catalogue' }),
    configured: Type.Object({
      files: Type.Boolean(),
      transmission: Type.Boolean(),
      mlflow: Type.Boolean(),
      metadata: Type.Boolean(),
      posters: Type.Boolean(),
    }),
    metadata_refusal: Nullable(Type.String(), {
      description: 'Why `rerun_metadata` refuses every title, also with the keys of a service; null: it does not',
    }),
    live: Nullable(StringEnum(liveModes), {
      description:
        'How changes by other clients are detected: at once, or every two seconds. null: not at all, because the database is unreachable or does not fit this version',
    }),
    operating_threshold: Type.Number({ description: 'The downloader acts on titles at or above this probability' }),
  },
  { $id: 'Meta' },
);
export type Meta = Static<typeof Meta>;

export const getMeta = endpoint({
  method: 'GET',
  url: '/meta',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getMeta',
    summary: 'Version, database and configured features',
    description: 'Works while the database is unreachable: database.reachable is false.',
    tags,
    response: { 200: Meta, ...problems() },
  },
});
