import { MetadataError } from '@at/adapters/metadata-error';
import { fetchPoster } from '@at/adapters/tmdb-images';
import { getPoster } from '@at/contracts/posters';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { PictureCache, sendPicture } from '#http/picture-cache.ts';
import { noPoster, posterNotSent, postersOff } from './errors.ts';
import { findPosterPath } from './queries.ts';

/** About 10,000 large posters. */
const maximumBytes = 300 * 2 ** 20;

export const posterRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, { db, config: { posters } }) => {
  const cache = posters && new PictureCache(posters.directory, maximumBytes, (why) => app.log.warn(why));

  app.route({
    ...getPoster,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const { size = 'large' } = request.query;
      if (!posters || !cache) throw postersOff();
      const path = await findPosterPath(db, imdb_id);
      if (!path) throw noPoster(imdb_id);
      const source = { url: posters.url, name: 'TMDB_IMAGE_BASE_URL' };
      const picture = await cache
        .read(`${size}-${path.slice(1)}`, () => fetchPoster(source, path, size))
        .catch((error: unknown) => {
          throw error instanceof MetadataError ? posterNotSent(error.message, error) : error;
        });
      if (!picture) throw noPoster(imdb_id);
      return sendPicture(request, reply, picture);
    },
  });
};
