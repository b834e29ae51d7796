import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

const tags = ['settings'];

const Section = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,39}$',
  description: 'What the settings are about',
  examples: ['review'],
});
const Value = Type.Object({}, { additionalProperties: true, description: 'Anything that fits in 64 KiB of JSON' });

export const settingScopes = ['own', 'shared'] as const;

export const Setting = Type.Object(
  {
    section: Section,
    scope: Words(settingScopes, { description: "own: of the caller's key; shared: everybody's" }),
    value: Value,
    secrets: Type.Array(Type.String(), { description: 'The names of the secrets that are set; never the secrets' }),
    version: Type.Integer({ description: 'One more with each write; in quotes it is the ETag' }),
    actor: Type.String({ description: 'Who wrote it last' }),
    updated_at: Timestamp,
  },
  { $id: 'Setting' },
);
export type Setting = Static<typeof Setting>;

export const listSettings = endpoint({
  method: 'GET',
  url: '/settings',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'listSettings',
    summary: 'Settings, section by section',
    description:
      "The caller's own, where its key has them, else everybody's. With section, its ETag is in the header too.",
    tags,
    querystring: Type.Object({ section: Type.Optional(Section) }),
    response: { 200: Type.Object({ data: Type.Array(Setting) }), ...problems() },
  },
});

export const saveSetting = endpoint({
  method: 'PUT',
  url: '/settings',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'saveSetting',
    summary: 'Write a section of the settings',
    description:
      'Replaces the value; secrets not named stay. With a key it becomes the own setting of that key, unless scope is ' +
      'shared, which needs the role admin; without keys there are only shared ones. Everybody who listens is told.',
    tags,
    body: Type.Object(
      {
        section: Section,
        value: Value,
        secrets: Type.Optional(
          // Written out: Type.Record would cost the browser 12 kB.
          Type.Unsafe<Record<string, string | null>>({
            type: 'object',
            patternProperties: {
              '^[a-z][a-z0-9_]{0,39}$': Nullable(Text({ description: 'null takes it away', maxLength: 4000 })),
            },
            additionalProperties: false,
            maxProperties: 20,
            description: 'Texts that are used and never answered, by name',
          }),
        ),
        scope: Type.Optional(Words(settingScopes)),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), setting: Setting }),
      ...problems(400, 412, 413, 415),
    },
  },
});
