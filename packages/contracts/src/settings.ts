import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'settings', description: 'What can change while the product runs' };
const tags = [tag.name];

const Section = Type.String({
  pattern: '^[a-z][a-z0-9_-]{0,39}$',
  description: 'Topic of the settings',
  examples: ['review'],
});
/** The longest JSON of a section, in bytes, and how deep it may be nested. */
export const settingLimits = { bytes: 64 * 1024, depth: 32 } as const;
const Value = Type.Object(
  {},
  { additionalProperties: true, description: `Any JSON object up to ${settingLimits.bytes / 1024} KiB` },
);

export const settingScopes = ['own', 'shared'] as const;

export const Setting = Type.Object(
  {
    section: Section,
    scope: StringEnum(settingScopes, { description: "own: for the caller's key; shared: for everyone" }),
    value: Value,
    secrets: Type.Array(Type.String(), { description: 'Names of the secrets that are set, never their values' }),
    version: Type.Integer({ description: 'Increases with each write; in quotes it is the ETag' }),
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
    summary: 'Settings by section',
    description: "The own settings of the caller's key, else the shared ones. With section, the reply has its ETag.",
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
      'Replaces the value; secrets that the body omits stay. With a key it becomes the own setting of that key, unless ' +
      'scope is shared, which needs the role admin; without keys all settings are shared. Sends an event to all clients.',
    tags,
    body: Type.Object(
      {
        section: Section,
        value: Value,
        secrets: Type.Optional(
          // Type.Record would cost the browser 12 kB.
          Type.Unsafe<Record<string, string | null>>({
            type: 'object',
            patternProperties: {
              '^[a-z][a-z0-9_]{0,39}$': Nullable(Text({ description: 'null deletes it', maxLength: 4000 })),
            },
            additionalProperties: false,
            maxProperties: 20,
            description: 'Values by name that the API uses but never returns',
          }),
        ),
        scope: Type.Optional(StringEnum(settingScopes)),
      },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), setting: Setting }),
      ...problems(400, 412),
    },
  },
});
