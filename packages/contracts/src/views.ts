import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

const tags = ['views'];

const Uuid = Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' });
const Page = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  description: 'The page of the console, by the first part of its path',
  examples: ['training'],
});
const Name = Type.String({
  minLength: 1,
  maxLength: 100,
  // Not blank, no control characters.
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f]*$',
  description: "Its name, once among its owner's views of the page",
  examples: ['Uncertain comedies'],
});
const Query = Text({ maxLength: 4000, description: "What stands behind the question mark of the page's address" });
const Shared = Type.Boolean({ description: 'Everybody sees it; only its owner and an admin change it' });

export const SavedView = Type.Object(
  {
    id: Uuid,
    page: Page,
    name: Name,
    query: Query,
    shared: Shared,
    owner: Type.String({ description: 'Who saved it' }),
    created_at: Timestamp,
    updated_at: Timestamp,
  },
  { $id: 'SavedView', description: 'A page with the filters and the order somebody saved' },
);
export type SavedView = Static<typeof SavedView>;

const params = Type.Object({ id: Uuid });
const Saved = Type.Object({ success: Type.Literal(true), message: Type.String(), view: SavedView });

export const listViews = endpoint({
  method: 'GET',
  url: '/views',
  config: { role: 'viewer' },
  schema: {
    operationId: 'listViews',
    summary: 'Saved views: your own and the shared ones',
    description: 'By page and name. Whose they are is told by the key, or by X-Actor where no keys are needed.',
    tags,
    querystring: Type.Object({ page: Type.Optional(Page) }),
    response: { 200: Type.Object({ data: Type.Array(SavedView) }), ...problems() },
  },
});

export const createView = endpoint({
  method: 'POST',
  url: '/views',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'createView',
    summary: 'Save a view',
    description: '409 when you have one of this name on the page.',
    tags,
    body: Type.Object(
      { page: Page, name: Name, query: Query, shared: Type.Optional(Shared) },
      { additionalProperties: false },
    ),
    response: { 200: Saved, ...problems(400, 409, 413, 415) },
  },
});

export const updateView = endpoint({
  method: 'PATCH',
  url: '/views/:id',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'updateView',
    summary: 'Rename a view, change or share it',
    description: 'Its owner and an admin may; 403 for everybody else. At least one member.',
    tags,
    params,
    body: Type.Object(
      { name: Type.Optional(Name), query: Type.Optional(Query), shared: Type.Optional(Shared) },
      { additionalProperties: false },
    ),
    response: { 200: Saved, ...problems(400, 404, 409, 412, 413, 415) },
  },
});

export const deleteView = endpoint({
  method: 'DELETE',
  url: '/views/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'deleteView',
    summary: 'Forget a view',
    description: 'Its owner and an admin may; 403 for everybody else.',
    tags,
    params,
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String() }),
      ...problems(404, 412, 413, 415),
    },
  },
});
