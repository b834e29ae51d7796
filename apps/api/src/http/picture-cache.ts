import { hash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MetadataError } from '@at/adapters/metadata-error';
import { type Picture, pictureOf } from '@at/adapters/tmdb-images';
import { makeDirectory, unusable } from '@at/db/data-directory';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type KeptPicture = Picture & { etag: string };

/** Replies with a picture. Another one has another `version` in its address, so that one with a version may be kept for long. */
export function sendPicture(request: FastifyRequest, reply: FastifyReply, { bytes, type, etag }: KeptPicture) {
  const seconds = (request.query as { version?: string }).version === undefined ? 60 : 86_400;
  reply.header('etag', etag).header('cache-control', `private, max-age=${seconds}`);
  if ((request.headers['if-none-match'] ?? '').includes(etag)) return reply.code(304).send();
  return reply.type(type).send(bytes);
}

/** Milliseconds in which a picture that the source does not have is not asked for again. */
const missingFor = 10 * 60_000;
/** The same for all pictures, after a source that did not answer, unless it names another time. */
const pauseFor = 30_000;
const mostMissing = 10_000;

/**
 * Pictures in a directory: those used last, up to a bound. Each is fetched once, however many ask for it at the same time.
 * Where the directory cannot be written, pictures are fetched each time, and `warn` gets the reason once.
 */
export class PictureCache {
  /** Bytes of each file, in the order of their last use; undefined: not read yet. */
  #sizes: Promise<Map<string, number>> | undefined;
  #total = 0;
  #inFlight = new Map<string, Promise<KeptPicture | undefined>>();
  /** Names and the time until which they are not fetched. */
  #missing = new Map<string, number>();
  #failed: { until: number; error: Error } | undefined;
  #hasWarned = false;
  readonly #directory: string;
  readonly #maximumBytes: number;
  readonly #warn: (message: string) => void;

  constructor(directory: string, maximumBytes: number, warn: (message: string) => void) {
    this.#directory = directory;
    this.#maximumBytes = maximumBytes;
    this.#warn = warn;
  }

  /** A picture by its file name; undefined: the source has none. Throws what `fetch` throws. */
  read(name: string, fetch: () => Promise<Picture | undefined>): Promise<KeptPicture | undefined> {
    const running = this.#inFlight.get(name);
    if (running) return running;
    const started = this.#find(name, fetch).finally(() => this.#inFlight.delete(name));
    this.#inFlight.set(name, started);
    return started;
  }

  async #find(name: string, fetch: () => Promise<Picture | undefined>): Promise<KeptPicture | undefined> {
    const path = join(this.#directory, name);
    const bytes = await readFile(path).catch(() => undefined);
    // A file that is no picture is one that a full disk cut off.
    const kept = bytes && pictureOf(bytes);
    if (kept) {
      await this.#use(name, kept.bytes.length);
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return withTag(kept);
    }
    const now = Date.now();
    if ((this.#missing.get(name) ?? 0) > now) return undefined;
    if (this.#failed && this.#failed.until > now) throw this.#failed.error;
    const fetched = await this.#fetch(fetch);
    if (!fetched) {
      if (this.#missing.size >= mostMissing) this.#missing.clear();
      this.#missing.set(name, now + missingFor);
      return undefined;
    }
    await this.#write(name, path, fetched.bytes);
    return withTag(fetched);
  }

  async #fetch(fetch: () => Promise<Picture | undefined>): Promise<Picture | undefined> {
    try {
      return await fetch();
    } catch (error) {
      const { kind, retryAfter } = error as Partial<MetadataError>;
      // A picture that is none says nothing of the others.
      if (kind === 'unreachable' || kind === 'limited') {
        const pause = retryAfter === undefined ? pauseFor : retryAfter * 1000;
        this.#failed = { until: Date.now() + pause, error: error as Error };
      }
      throw error;
    }
  }

  async #write(name: string, path: string, bytes: Buffer): Promise<void> {
    const temporary = join(this.#directory, `.${randomUUID()}`);
    try {
      await makeDirectory(this.#directory);
      await writeFile(temporary, bytes);
      await rename(temporary, path);
      await this.#use(name, bytes.length);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      if (!this.#hasWarned) this.#warn(`Pictures are not kept: ${unusable(this.#directory, error)}`);
      this.#hasWarned = true;
    }
  }

  /** Notes that a file was used, and removes those that were not for the longest time, down to the bound. */
  async #use(name: string, bytes: number): Promise<void> {
    this.#sizes ??= readSizes(this.#directory).then((sizes) => {
      for (const size of sizes.values()) this.#total += size;
      return sizes;
    });
    const sizes = await this.#sizes;
    this.#total += bytes - (sizes.get(name) ?? 0);
    sizes.delete(name);
    sizes.set(name, bytes);
    for (const [oldest, size] of sizes) {
      if (this.#total <= this.#maximumBytes || oldest === name) break;
      this.#total -= size;
      sizes.delete(oldest);
      await rm(join(this.#directory, oldest), { force: true });
    }
  }
}

const withTag = (picture: Picture): KeptPicture => ({
  ...picture,
  etag: `"${hash('sha256', picture.bytes, 'base64url').slice(0, 27)}"`,
});

/** The files of the directory, those that were used last at the end; what a killed process left is removed. */
async function readSizes(directory: string): Promise<Map<string, number>> {
  const names = await readdir(directory).catch((): string[] => []);
  const files: { name: string; bytes: number; usedAt: number }[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const { size, mtimeMs } = (await stat(path).catch(() => undefined)) ?? {};
    if (size === undefined || mtimeMs === undefined) continue;
    // Another process may be writing it.
    if (name.startsWith('.')) {
      if (mtimeMs < Date.now() - 60_000) await rm(path, { force: true });
    } else files.push({ name, bytes: size, usedAt: mtimeMs });
  }
  files.sort((a, b) => a.usedAt - b.usedAt);
  return new Map(files.map(({ name, bytes }) => [name, bytes]));
}
