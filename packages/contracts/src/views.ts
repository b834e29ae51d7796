import { type Static, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = { name: 'views', description: 'Pages with filters and order, saved under a name' };
const tags = [tag.name];

const Uuid = Type.String({ pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' });
const Page = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  description: 'A page of the console: the first segment of its path',
  examples: ['training'],
});
export const longestName = 100;
const Name = Type.String({
  minLength: 1,
  maxLength: longestName,
  // Not blank, no control characters.
  pattern: '^(?=.*\\S)[^\\u0000-\\u001f]*$',
  description: "Unique among its owner's views of the page",
  examples: ['Uncertain comedies'],
});
const Query = Text({ maxLength: 4000, description: 'Query string of the page, without the question mark' });
const Shared = Type.Boolean({ description: 'Everyone sees it; only its owner and an admin can change it' });

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
  { $id: 'SavedView', description: 'Saved filters and order of a page' },
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
    description: 'Sorted by page and name. The owner is the key, or X-Actor when no keys are configured.',
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
    description: '409 when you already have a view with this name on the page.',
    tags,
    body: Type.Object(
      { page: Page, name: Name, query: Query, shared: Type.Optional(Shared) },
      { additionalProperties: false },
    ),
    response: { 200: Saved, ...problems(400, 409) },
  },
});

export const updateView = endpoint({
  method: 'PATCH',
  url: '/views/:id',
  config: { role: 'operator', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'updateView',
    summary: 'Rename, change or share a view',
    description: 'For its owner and admins; 403 for everyone else. At least one member.',
    tags,
    params,
    body: Type.Object(
      { name: Type.Optional(Name), query: Type.Optional(Query), shared: Type.Optional(Shared) },
      { additionalProperties: false },
    ),
    response: { 200: Saved, ...problems(400, 404, 409, 412) },
  },
});

export const deleteView = endpoint({
  method: 'DELETE',
  url: '/views/:id',
  config: { role: 'operator' },
  schema: {
    operationId: 'deleteView',
    summary: 'Delete a view',
    description: 'For its owner and admins; 403 for everyone else.',
    tags,
    params,
    response: {
      200: Type.Object({ success: Type.Literal(true), message: Type.String() }),
      ...problems(404, 412),
    },
  },
});
