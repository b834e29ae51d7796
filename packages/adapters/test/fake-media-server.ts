import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import type { MediaServerSettings } from '../src/media-server.ts';

type Item = Record<string, unknown> & { Id: string; Path: string; Name: string };

/** A media server that finds the files of a directory when it is asked to scan: for tests and for the demo. */
export type FakeMediaServer = {
  settings: MediaServerSettings;
  items: Map<string, Item>;
  /** As `POST Items/7/Refresh`. */
  requests: string[];
  /** The pictures that it was asked to fetch, as `<id> <type> <address>`. */
  images: string[];
  /** Searches that find nothing after a scan: a scan takes its time. */
  slowness: number;
  /** Replies instead of it, unless it returns false. */
  answer: ((request: string, response: ServerResponse) => boolean) | undefined;
  /** What it makes of an item that is written. */
  store: (item: Item) => Item;
  close(): Promise<void>;
};

const key = 'media-server-key';

/** `directory` is what it calls `theirs`. Emby filters by a path, Jellyfin does not. */
export async function startMediaServer(
  directory: string,
  { kind = 'emby', theirs = directory }: { kind?: 'emby' | 'jellyfin'; theirs?: string } = {},
): Promise<FakeMediaServer> {
  let pause = 0;
  const visible = () => (pause > 0 ? [] : [...fake.items.values()]);

  const scan = () => {
    pause = fake.slowness;
    const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(mp4|mkv|avi|wmv)$/i.test(entry.name) && !entry.name.startsWith('.'))
      .map((entry) => join(entry.parentPath, entry.name).replace(directory, theirs));
    for (const [id, { Path }] of fake.items) if (!paths.includes(Path)) fake.items.delete(id);
    const known = new Set([...fake.items.values()].map(({ Path }) => Path));
    for (const Path of paths.filter((path) => !known.has(path))) {
      const Id = randomBytes(16).toString('hex');
      const Name = basename(Path).replace(/\.[^.]*$/, '');
      const empty = { Genres: [], People: [], Studios: [], Tags: [], ProviderIds: {} };
      fake.items.set(Id, { Id, Path, Name, ...empty, DateCreated: new Date().toISOString(), LockData: false });
    }
  };
  const search = (query: URLSearchParams): Item[] => {
    const [ids, path, term] = ['Ids', 'Path', 'SearchTerm'].map((name) => query.get(name));
    if (ids) return ids.split(',').flatMap((id) => fake.items.get(id) ?? []);
    const found = visible().filter(
      (item) =>
        (!path || kind === 'jellyfin' || item.Path === path) &&
        (!term || item.Name.toLowerCase().includes(term.toLowerCase())),
    );
    if (pause > 0) pause -= 1;
    return found
      .toSorted((left, right) => String(right.DateCreated).localeCompare(String(left.DateCreated)))
      .slice(0, Number(query.get('Limit') ?? 1_000));
  };
  const write = (id: string, item: Item): number => {
    if (!fake.items.has(id)) return 404;
    // What is missing or null here is an error of Jellyfin.
    if (!['Genres', 'Tags', 'ProviderIds', 'Studios', 'People'].every((name) => item[name])) return 400;
    fake.items.set(id, fake.store({ ...item, Id: id, Path: (fake.items.get(id) as Item).Path }));
    return 204;
  };
  const route = (method: string, url: URL, body: string): { status: number; body?: unknown } => {
    const path = url.pathname.slice(1);
    if (method === 'GET' && path === 'System/Info')
      return { status: 200, body: { Id: 'demo-media-server', ServerName: 'Demo', Version: '4.8.0' } };
    if (method === 'GET' && path === 'Items') {
      const Items = search(url.searchParams);
      return { status: 200, body: { Items, TotalRecordCount: Items.length } };
    }
    if (method !== 'POST') return { status: 404 };
    if (path === 'Library/Refresh' || /^Items\/library\/Refresh$/.test(path)) {
      scan();
      return { status: 204 };
    }
    const [, image] = /^Items\/(\w+)\/RemoteImages\/Download$/.exec(path) ?? [];
    if (image) {
      fake.images.push(`${image} ${url.searchParams.get('Type')} ${url.searchParams.get('ImageUrl')}`);
      return { status: fake.items.has(image) ? 204 : 404 };
    }
    const [, id] = /^Items\/(\w+)$/.exec(path) ?? [];
    return { status: id ? write(id, JSON.parse(body) as Item) : 404 };
  };
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? '', 'http://localhost');
    const named = `${request.method} ${url.pathname.slice(1)}`;
    fake.requests.push(named);
    if (fake.answer?.(named, response)) return;
    if (request.headers['x-emby-token'] !== key) return void response.writeHead(401).end();
    const { status, body } = route(request.method ?? '', url, Buffer.concat(chunks).toString());
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const paths = theirs === directory ? null : { ours: directory, theirs };
  const fake: FakeMediaServer = {
    settings: { url, key, libraryId: null, paths, publicUrl: null },
    items: new Map(),
    requests: [],
    images: [],
    slowness: 0,
    answer: undefined,
    store: (item) => item,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
