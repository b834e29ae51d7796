import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Config } from '#config.ts';
import { inlineScripts } from './browser-headers.ts';
import { isBelow, meantPath } from './paths.ts';

/** The built console on the API's own port. */

export type ConsoleFiles = {
  /** Inline scripts of its page, for the content security policy. */
  inlineScripts: string[];
  /** Answers with the page, where the path may be one of the console's; true when it did. */
  page: (request: FastifyRequest, reply: FastifyReply) => boolean;
  directory: string;
};

/** Paths that belong to an API: unknown there is 404, never the console's page. */
const apiPaths = /^\/(rear-diff|api|ws|webhook|metrics)(\/|$)/;

/** What browsers may keep without asking: built files carry their content's hash in their name. */
const lifetimes = { assets: 'public, max-age=31536000, immutable', flags: 'no-cache' };
const folders = ['assets', 'flags'] as const;

/** Reads the built console; undefined when it has not been built. */
export function readConsole(directory: string, config: Config): ConsoleFiles | undefined {
  const file = join(directory, 'index.html');
  if (!existsSync(file)) return undefined;
  const html = readFileSync(file, 'utf8');
  const page = Buffer.from(html);
  return {
    inlineScripts: inlineScripts(html),
    directory,
    page: (request, reply) => {
      const path = meantPath(request);
      // A missing asset must not be answered with a page.
      if (isBelow(path, config.prefix) || apiPaths.test(path) || /^\/assets\//.test(path)) return false;
      reply.header('content-type', 'text/html; charset=utf-8').header('cache-control', 'no-cache').send(page);
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
