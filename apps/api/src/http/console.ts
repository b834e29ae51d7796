import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import { inlineScripts } from './browser-headers.ts';
import {
  apiSegments,
  type ConsoleRoutes,
  consoleFolders as folders,
  movedPatterns,
  pagePattern,
} from './console-routes.ts';
import { isBelow, meantPath } from './paths.ts';

/** The built console on the API's own port. */

export type ConsoleFiles = {
  /** Inline scripts of its page, for the content security policy. */
  inlineScripts: string[];
  /**
   * Answers with the page, where the path does not belong to an API: 200 for a page of the console, 308 for one that has
   * moved, else 404. Returns true if it did.
   */
  page: (request: FastifyRequest, reply: FastifyReply) => boolean;
  directory: string;
};

const apiPath = new RegExp(`^/(?:${apiSegments.join('|')})(?:/|$)`);

/** What browsers may cache: the name of a built file contains the hash of its content. */
const lifetimes = { assets: 'public, max-age=31536000, immutable', flags: 'no-cache' };

/** Reads the built console; undefined when it has not been built. */
export function readConsole(directory: string, config: Config): ConsoleFiles | undefined {
  const index = join(directory, 'index.html');
  if (!existsSync(index)) return undefined;
  // The addresses in the page are relative to the path of the console.
  const html = readFileSync(index, 'utf8').replaceAll('"./', `"${config.basePath}/`);
  const page = Buffer.from(html);
  const routes = JSON.parse(readFileSync(join(directory, 'routes.json'), 'utf8')) as ConsoleRoutes;
  const isPage = new RegExp(pagePattern(routes), 'i');
  const moved = movedPatterns(routes).map(([pattern, to]) => ({ pattern: new RegExp(pattern, 'i'), to }));
  const file = new RegExp(`^/(?:${folders.join('|')})/`);
  return {
    inlineScripts: inlineScripts(html),
    directory,
    page: (request, reply) => {
      const path = meantPath(request);
      // A missing asset must not be answered with a page.
      if (isBelow(path, config.prefix) || apiPath.test(path) || file.test(path)) return false;
      const target = moved.find(({ pattern }) => pattern.test(path))?.to;
      if (target === undefined) {
        reply.code(isPage.test(path) ? 200 : 404);
        reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
      } else reply.redirect(`${config.basePath}${target}`, 308);
      return true;
    },
  };
}

export const consoleFiles = fastifyPlugin<{ config: Config; files: ConsoleFiles }>(async (app, { config, files }) => {
  await app.register(async (pages) => {
    // The sign-in page must load without a key.
    pages.addHook('onRoute', (route) => {
      route.config = { ...route.config, role: 'public' };
    });
    const options = { decorateReply: false, index: false as const, preCompressed: true, cacheControl: false };
    // Files at the top have a route each, because any other path there may be a page.
    await pages.register(fastifyStatic, {
      ...options,
      root: files.directory,
      wildcard: false,
      globIgnore: folders.map((folder) => `${folder}/**`),
      setHeaders: (reply) => reply.header('cache-control', 'no-cache'),
    });
    for (const folder of folders) {
      await pages.register(fastifyStatic, {
        ...options,
        root: join(files.directory, folder),
        prefix: `/${folder}/`,
        setHeaders: (reply) => reply.header('cache-control', lifetimes[folder]),
      });
    }
  });
  app.get('/config.json', { schema: { hide: true }, config: { role: 'public' } }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return config.console;
  });
});
