import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Nullable, Text, Words } from './paging.ts';
import { problems } from './problem.ts';
import { roles } from './vocabulary.ts';

const tags = ['session'];

export const Session = Type.Object(
  { name: Type.String({ description: "The key's name" }), role: Words(roles) },
  { $id: 'Session', description: 'Whose key a caller has, and what it may do' },
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
      'Sets a cookie that counts as the key for 30 days, because event streams and downloads of a browser cannot send ' +
      'headers. It is out of reach for scripts, and does not hold the key. 409 where no keys are needed.',
    tags,
    body: Type.Object(
      { key: Text({ description: 'The secret of a key, the third part of its entry in API_KEYS' }) },
      { additionalProperties: false },
    ),
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String(), session: Session }),
      ...problems(400, 401, 409, 413, 415),
    },
  },
});

export const getSession = endpoint({
  method: 'GET',
  url: '/session',
  config: { role: 'viewer' },
  schema: {
    operationId: 'getSession',
    summary: 'Whose key the caller has, and what it may do',
    tags,
    response: {
      200: Type.Object({
        session: Nullable(Session, { description: 'null: no keys are needed, everybody may do all' }),
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
    description: 'Takes the cookie away; also where there is none.',
    tags,
    response: { 200: Type.Object({ success: Type.Literal(true), message: Type.String() }), ...problems(413, 415) },
  },
});
