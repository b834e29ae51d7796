import { type TUnknown, Type } from 'typebox';
import { endpoint } from './endpoint.ts';
import { fileTag } from './file-roots.ts';
import { StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { picturedKinds } from './vocabulary.ts';

export const tag = fileTag;

export const getThumbnail = endpoint({
  method: 'GET',
  url: '/api/files/:id/thumbnail',
  config: { role: 'viewer', replyHeaders: ['ETag'] },
  schema: {
    operationId: 'getThumbnail',
    summary: 'A small picture of a photo',
    description:
      `Made of files of the kinds ${picturedKinds.join(' and ')}, once, and kept by their content. Turned as the camera was held, without metadata such ` +
      'as the place. 404: there is no such file, or it is not in its place. 409: it was changed after the last scan. 415: no picture can be ' +
      'made of it; the reply will be the same for ten minutes. 304: If-None-Match has the ETag of the picture.',
    tags: [tag.name],
    params: Type.Object({ id: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] }) }),
    querystring: Type.Object({
      size: Type.Optional(
        StringEnum(['small', 'large'], {
          default: 'small',
          description: 'Its longer side at most, in pixels. small: 160; large: 640',
        }),
      ),
      version: Type.Optional(
        Text({
          description: 'The `modified_at` or sha256 of a row: names the picture for caches, and is not read',
          maxLength: 64,
        }),
      ),
    }),
    response: {
      200: {
        description: 'A small picture of a photo',
        content: { 'image/webp': { schema: Type.String({ format: 'binary' }) } },
      } as unknown as TUnknown,
      304: Type.Null({ description: 'The picture has not changed' }),
      ...problems(404, 409, 415),
    },
  },
});
