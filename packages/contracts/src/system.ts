import { type Static, type TString, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';
import { liveModes } from './vocabulary.ts';

const tags = ['system'];

export const getRoot = endpoint({
  method: 'GET',
  url: '/',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getRoot',
    summary: 'What answers here',
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
    summary: 'The process answers',
    description: 'Does not ask the database; /readyz does.',
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
  status: Words(['ok', 'degraded', 'failed'], {
    description: 'degraded: works, slower or with less; failed: requests will fail',
  }),
  detail: Type.String({ description: 'One sentence: what is so, and what to do' }),
  missing: Type.Optional(Type.Array(Type.String())),
  ms: Type.Optional(Type.Number({ description: 'How long the check took' })),
});

export const Readiness = Type.Object(
  { status: Words(['ready', 'not ready']), checks: Type.Array(Check) },
  { $id: 'Readiness' },
);
export type Readiness = Static<typeof Readiness>;

export const getReadyz = endpoint({
  method: 'GET',
  url: '/readyz',
  config: { role: 'public' },
  schema: {
    operationId: 'getReadyz',
    summary: 'Everything that requests need is there',
    description:
      '503 when a check has failed; missing indexes only degrade. Where keys are needed, a caller without one is told ' +
      'the status alone, and checks is empty.',
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
    summary: 'Measurements for Prometheus',
    description: 'Also at /metrics, without the prefix. Where keys are needed, Prometheus sends one as a bearer token.',
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
      embedded: Type.Boolean({ description: 'The cluster that the one-command start runs itself' }),
      latency_ms: Nullable(Type.Number()),
    }),
    schemas: Type.Array(
      Type.Object({
        schema: Words(['public', 'console', 'console extras']),
        version: Nullable(Type.String(), { description: 'The highest version applied; null when none' }),
        installed_on: Nullable(Timestamp),
        failed: Type.Integer({ description: 'Migrations that began and did not succeed, also in a history of others' }),
        pending: Nullable(Type.Integer(), { description: 'null: another project keeps this history' }),
      }),
    ),
    demo: Type.Boolean({ description: 'The titles are the demo catalogue' }),
    configured: Type.Object({
      files: Type.Boolean(),
      transmission: Type.Boolean(),
      mlflow: Type.Boolean(),
      metadata: Type.Boolean(),
    }),
    live: Nullable(Words(liveModes), {
      description:
        'How changes that others make are noticed: at once, or every two seconds. null: not at all, because the database is away or not as this version needs it',
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
    summary: 'Version, database, and what is configured',
    description: 'Answers also while the database is away, and says so.',
    tags,
    response: { 200: Meta, ...problems() },
  },
});
