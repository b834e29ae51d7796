import { type Static, type TUnknown, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { titleParams } from './training.ts';

export const tag = { name: 'posters', description: 'Posters of titles, from TMDB' };

const Picture = Type.String({ format: 'binary' });
/** A reply that is a picture. */
export const pictureReply = (description: string) =>
  ({
    description,
    content: {
      'image/jpeg': { schema: Picture },
      'image/png': { schema: Picture },
      'image/webp': { schema: Picture },
    },
  }) as unknown as TUnknown;

const PosterQuery = Type.Object({
  size: Type.Optional(
    StringEnum(['small', 'large'], { default: 'large', description: 'small: 92 pixels wide; large: 342' }),
  ),
  version: Type.Optional(
    Text({ description: 'The `poster` of a row: names the picture for caches, and is not read', maxLength: 120 }),
  ),
});
export type PosterQuery = Static<typeof PosterQuery>;

export const getPoster = endpoint({
  method: 'GET',
  url: '/training/:imdb_id/poster',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getPoster',
    summary: 'The poster of a title',
    description:
      'Fetched from TMDB once, and kept. 404: the title has none, or POSTERS is off. 502: TMDB does not have it for us now. ' +
      '304: If-None-Match has the ETag of the picture.',
    tags: [tag.name],
    params: titleParams,
    querystring: PosterQuery,
    response: {
      200: pictureReply('The poster of a title'),
      304: Type.Null({ description: 'The picture has not changed' }),
      ...problems(404, 502),
    },
  },
});
