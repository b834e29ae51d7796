import {
  exportMovies,
  getMovie,
  listMovies,
  type MovieQuery,
  type MovieRow,
  movieDefaultSort,
} from '@at/contracts/movies';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { exportReply } from '#lists/export.ts';
import { listsByShape } from '#lists/list-statements.ts';
import { pageReply, readPage } from '#lists/paging.ts';
import { rowReply } from '#lists/row-reply.ts';
import { perQuery } from '#request/per-query.ts';
import { withThreshold } from '#titles/threshold.ts';
import { movieNotFound } from './errors.ts';
import { type MovieShape, movieList, movieShape, movieStatement } from './queries.ts';

export const movieRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, config, rows, counts } = deps;
  const showsPoster = config.posters !== null;
  const lists = listsByShape<MovieShape, MovieRow, MovieQuery>(db, (shape) => movieList(db, shape));

  const sourceOf = perQuery((sent: MovieQuery) => {
    const query = withThreshold(sent, config);
    const page = readPage(query, movieDefaultSort);
    const statements = lists({ ...movieShape(query), showsPoster });
    const path = `${config.publicPrefix}${listMovies.url}`;
    return { statements, query, page, path, read: rows, counts };
  });

  app.route({
    ...listMovies,
    handler: async (request, reply) => pageReply(request, reply, sourceOf(request.query)),
  });

  app.route({
    ...exportMovies,
    handler: async (request, reply) => {
      const query = withThreshold(request.query, config);
      const showsCell = request.query.threshold !== undefined;
      const name = showsCell ? `movies-at-${query.threshold}` : 'movies';
      const statements = lists({ ...movieShape(query), showsCell });
      return exportReply(request, reply, { statements, query, name, read: rows });
    },
  });

  app.route({
    ...getMovie,
    handler: async (request, reply) => {
      const { imdb_id } = request.params;
      const movie = await rowReply(reply, rows, movieStatement(db, imdb_id, showsPoster), 'training_updated_at');
      if (!movie) throw movieNotFound(imdb_id);
      return movie;
    },
  });
};
