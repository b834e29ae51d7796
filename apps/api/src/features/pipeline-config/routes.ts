import { isUtf8 } from 'node:buffer';
import { openDisk } from '@at/adapters/disk';
import {
  type ConfigPreset,
  type ConfigWarning,
  deleteConfigPreset,
  getPipelineConfig,
  getPipelineConfigSchema,
  listConfigPresets,
  listConfigVersions,
  PipelineConfig,
  type PipelineConfigSaved,
  restoreConfigVersion,
  saveConfigPreset,
  savePipelineConfig,
} from '@at/contracts/pipeline-config';
import type { DB } from '@at/db/schema';
import { printYaml, readYaml, UnreadableYaml } from '@at/domain/pipeline-config/document';
import { findConfig, findPresets, findVersions, lockSection, writePresets } from '@at/domain/pipeline-config/queries';
import {
  effective,
  portable,
  presetValues,
  productPresets,
  readPart,
  secretIn,
} from '@at/domain/pipeline-config/rules';
import { ConfigRefused, changeConfig, restoreConfig, type Saved, StaleConfig } from '@at/domain/pipeline-config/writes';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { Deps } from '#deps.ts';
import { invalid, invalidParts } from '#http/api-error.ts';
import { transactFor } from '#http/idempotency.ts';
import { acceptsYaml } from '#request/accept.ts';
import { actorOf } from '#request/actor.ts';
import { acceptedVersions, etagOf } from '#request/etag.ts';
import { refusalOf } from '#request/json-limits.ts';
import {
  mostPresets,
  presetNotFound,
  presetOfProduct,
  staleConfig,
  tooManyPresets,
  versionNotFound,
} from './errors.ts';
import { importFile } from './import-config.ts';

/** A folder on a disk that does not respond must not delay a reply for long. */
const disk = openDisk({ patience: 1_000 });

/** Folders that this process does not find; workers may see other ones. */
async function findMissing({ paths }: PipelineConfig): Promise<ConfigWarning[]> {
  const looks = Object.entries(paths).map(async ([name, path]): Promise<ConfigWarning[]> => {
    if (path === '') return [];
    const key = `paths.${name}`;
    try {
      return (await disk.stat(path)).isDirectory() ? [] : [{ key, message: `${path} is not a folder.` }];
    } catch (error) {
      return [{ key, message: (error as Error).message }];
    }
  });
  return (await Promise.all(looks)).flat();
}

/** The text of bodies in YAML. */
const texts = new WeakMap<object, string>();

const refused = (error: unknown): never => {
  if (error instanceof ConfigRefused) throw invalidParts('body', error.faults);
  if (error instanceof StaleConfig) throw staleConfig();
  throw error;
};

export const pipelineConfigRoutes: FastifyPluginAsyncTypebox<Deps> = async (app, deps) => {
  const { db, writes } = deps;
  app.addHook('onListen', () => importFile(deps, app.log));

  app.addContentTypeParser(/^(application|text)\/(x-)?yaml\b/i, { parseAs: 'buffer' }, (_request, body, done) => {
    if (!isUtf8(body as Buffer)) return done(invalid('body', '', 'The body must be valid UTF-8.'));
    try {
      const read = readYaml(String(body));
      texts.set(read, String(body));
      done(null, read);
    } catch (error) {
      done(error instanceof UnreadableYaml ? invalid('body', '', error.message) : (error as Error));
    }
  });

  /** Runs a write once for its request; a dry run each time. */
  const write = async <T extends object>(
    request: FastifyRequest,
    reply: FastifyReply,
    run: (trx: Kysely<DB>, author: { actor: string; isDry: boolean }) => Promise<T>,
  ): Promise<T> => {
    const isDry = (request.query as { dry_run?: boolean }).dry_run === true;
    const author = { actor: actorOf(request).name, isDry };
    const what = 'the configuration';
    if (isDry) return writes.transaction(what, (trx) => run(trx, author));
    const { outcome } = await transactFor(request, reply, { writes, what }, (trx) => run(trx, author));
    return outcome;
  };

  const tagged = (reply: FastifyReply, version: number) => reply.header('etag', etagOf(String(version)));
  const answerSaved = async (
    reply: FastifyReply,
    { config, version, warnings, changes }: Saved,
  ): Promise<PipelineConfigSaved> => {
    tagged(reply, version);
    return { ...config, warnings: [...warnings, ...(await findMissing(config))], changes };
  };

  app.route({
    ...getPipelineConfig,
    handler: async (request, reply) => {
      const stored = await findConfig(db);
      tagged(reply, stored.version).header('vary', 'accept');
      const config = effective(stored);
      if (!acceptsYaml(request.headers.accept)) return config;
      reply.type('application/yaml; charset=utf-8');
      return printYaml(config, stored.document) as unknown as PipelineConfig;
    },
  });

  app.route({
    ...savePipelineConfig,
    handler: async (request, reply) => {
      const { body: part } = request;
      const text = texts.get(part);
      const versions = acceptedVersions(request);
      const saved = await write(request, reply, (trx, author) =>
        changeConfig(trx, { ...author, part, versions, ...(text !== undefined && { text }) }),
      ).catch(refused);
      return answerSaved(reply, saved);
    },
  });

  app.route({ ...getPipelineConfigSchema, handler: async () => PipelineConfig as unknown as Record<string, unknown> });

  app.route({
    ...listConfigVersions,
    handler: async ({ query: { limit = 50, before } }) => {
      const found = await findVersions(db, before ?? null, limit + 1);
      return { versions: found.slice(0, limit), has_more: found.length > limit };
    },
  });

  app.route({
    ...restoreConfigVersion,
    handler: async (request, reply) => {
      const { id } = request.params;
      const versions = acceptedVersions(request);
      const saved = await write(request, reply, async (trx, author) => {
        const restored = await restoreConfig(trx, id, { ...author, versions });
        if (!restored) throw versionNotFound(id);
        return restored;
      }).catch(refused);
      return answerSaved(reply, saved);
    },
  });

  app.route({
    ...listConfigPresets,
    handler: async () => {
      const own = Object.entries(await findPresets(db)).map(([name, { description, values }]) => ({
        name,
        description,
        // A preset of an earlier version may hold more.
        values: presetValues(values),
        own: true,
      }));
      return { presets: [...productPresets.map((preset) => ({ ...preset, own: false })), ...own] };
    },
  });

  /** Throws 409 for a preset of the product. */
  const mustBeOwn = (name: string) => {
    const product = productPresets.find((preset) => preset.name.toLowerCase() === name.toLowerCase());
    if (product) throw presetOfProduct(product.name);
  };

  app.route({
    ...saveConfigPreset,
    handler: async (request, reply): Promise<ConfigPreset> => {
      const { description = '', values } = request.body;
      const name = request.body.name.trim();
      if (name === '') throw invalid('body', '/name', 'The name is empty.');
      mustBeOwn(name);
      const { faults } = readPart(values ?? {});
      if (faults.length > 0) {
        const within = faults.map(({ pointer, message }) => ({ pointer: `/values${pointer}`, message }));
        throw invalidParts('body', within);
      }
      const secret = secretIn(values ?? {});
      if (secret !== undefined) throw invalid('body', `/values${secret}`, 'A preset holds no secrets.');
      return write(request, reply, async (trx, { actor }) => {
        await lockSection(trx);
        const before = await findPresets(trx);
        if (!Object.hasOwn(before, name) && Object.keys(before).length >= mostPresets) throw tooManyPresets();
        const preset = { description, values: presetValues(values ?? portable(await findConfig(trx))) };
        const refusal = refusalOf(preset.values);
        if (refusal) throw invalid('body', '/values', `The values ${refusal}.`);
        await writePresets(trx, { ...before, [name]: preset }, actor);
        return { name, ...preset, own: true };
      });
    },
  });

  app.route({
    ...deleteConfigPreset,
    handler: async (request, reply) => {
      const { name } = request.params;
      mustBeOwn(name);
      return write(request, reply, async (trx, { actor }) => {
        await lockSection(trx);
        const presets = await findPresets(trx);
        if (!Object.hasOwn(presets, name)) throw presetNotFound(name);
        const { [name]: _, ...rest } = presets;
        await writePresets(trx, rest, actor);
        return { deleted: name };
      });
    },
  });
};
