import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { roles } from './vocabulary.ts';

export const tag = { name: 'session', description: 'Signing a browser in with a key' };
const tags = [tag.name];

export const Session = Type.Object(
  { name: Type.String({ description: "The key's name" }), role: StringEnum(roles) },
  { $id: 'Session', description: "The caller's key and its role" },
);
export type Session = Static<typeof Session>;

export const openSession = endpoint({
  method: 'POST',
  url: '/session',
  config: { role: 'public' },
  schema: {
    operationId: 'openSession',
    summary: 'Sign a browser in with a key',
    description:
      'Sets a cookie that stands for the key for 30 days, because event streams and downloads in a browser cannot send ' +
      'headers. Scripts cannot read it, and it does not contain the key. 409 when no keys are configured.',
    tags,
    body: Type.Object(
      { key: Text({ description: 'The secret of a key, the third part of its entry in API_KEYS' }) },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), session: Session }),
      ...problems(400, 401, 409, 429),
    },
  },
});

export const getSession = endpoint({
  method: 'GET',
  url: '/session',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getSession',
    summary: "The caller's key and its role",
    tags,
    response: {
      200: Type.Object({
        session: Nullable(Session, { description: 'null: no keys are configured, every caller may do everything' }),
      }),
      ...problems(),
    },
  },
});

export const closeSession = endpoint({
  method: 'DELETE',
  url: '/session',
  config: { role: 'public' },
  schema: {
    operationId: 'closeSession',
    summary: 'Sign the browser out',
    description: 'Deletes the cookie; succeeds without one too.',
    tags,
    response: { 200: Type.Object({ success: Type.Literal(true), message: Type.String() }), ...problems() },
  },
});
