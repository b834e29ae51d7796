import { realpath } from 'node:fs/promises';
import { MediaServerError } from './media-server-error.ts';
import { membersOf } from './metadata-reply.ts';
import { faultOf, readText, whyNoReply } from './read-text.ts';

// Emby and Jellyfin, in the part of their protocol that they share: scan the library, find an item by its path, write its
// metadata, and read them back.

export type MediaServerSettings = {
  url: string;
  key: string;
  /** The library to scan; null: all. */
  libraryId: string | null;
  /** A directory here, which may be a symbolic link, and what the server calls it; null: it has the same paths. */
  paths: { ours: string; theirs: string } | null;
  /** Where a browser finds the server; null: not said. */
  publicUrl: string | null;
};

export type PublishedFacts = {
  title: string;
  sort_title: string;
  original_title: string | null;
  overview: string | null;
  /** As `2024-05-31`. */
  release_date: string | null;
  actress: string[];
  genre: string[];
  label: string | null;
};

export type MediaServer = {
  publicUrl: string | null;
  /** The id of the server, for links to its items. */
  id(signal?: AbortSignal): Promise<string>;
  /**
   * Has the server look for files; `moved`: how many milliseconds ago the file came to its place. Returns 0 if a scan began since
   * then; otherwise, because another one has just begun, the milliseconds after which to ask again.
   */
  scan(moved: number, signal?: AbortSignal): Promise<number>;
  /** The id of the item whose file we know by this path; `known`: an id that it may still have. */
  find(path: string, known: string | null, signal?: AbortSignal): Promise<string | undefined>;
  /** The ids of the items whose file has this name, in any directory; `term` is a part of it that the server shows. */
  findByName(name: string, term: string, signal?: AbortSignal): Promise<string[]>;
  /** Writes and locks the metadata of an item. Returns false if there is none. */
  write(id: string, facts: PublishedFacts, signal?: AbortSignal): Promise<boolean>;
  /** The facts that the server shows otherwise than they were written, by their names in its interface; undefined: no such item. */
  differences(id: string, facts: PublishedFacts, signal?: AbortSignal): Promise<string[] | undefined>;
  /** Asks the server to fetch a picture. */
  addImage(id: string, kind: 'Primary' | 'Backdrop', url: string, signal?: AbortSignal): Promise<void>;
};

/** Milliseconds. */
const timeout = 30_000;
const maximumBytes = 16 * 2 ** 20;
/** Between two scans, which many files share. */
const scanPause = 10_000;
/** Items of one search: a file that was just added is among the newest. */
const newest = 200;

const fields = [
  ...['Path', 'Overview', 'Genres', 'People', 'Studios', 'ProviderIds', 'PremiereDate', 'ProductionYear', 'SortName'],
  ...['ForcedSortName', 'OriginalTitle', 'DateCreated', 'Tags', 'Taglines', 'Settings', 'LockData'],
].join(',');

/** Every method can throw MediaServerError, and the reason of `signal` when that is aborted. */
export function openMediaServer(
  settings: MediaServerSettings,
  now: () => number = () => performance.now(),
): MediaServer {
  const { paths, libraryId, publicUrl } = settings;
  let scannedAt = Number.NEGATIVE_INFINITY;

  async function call(method: 'GET' | 'POST', path: string, body: unknown, signal: AbortSignal | undefined) {
    const failed = (cause: unknown) => {
      signal?.throwIfAborted();
      return new MediaServerError('unreachable', `The media server ${whyNoReply(cause, timeout)}.`, { cause });
    };
    const limit = AbortSignal.timeout(timeout);
    let response: Response;
    let text: string | undefined;
    try {
      response = await fetch(`${settings.url.replace(/\/+$/, '')}/${path}`, {
        method,
        headers: {
          accept: 'application/json',
          'x-emby-token': settings.key,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The key goes to the configured host alone.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      text = await readText(response, maximumBytes);
    } catch (cause) {
      throw failed(cause);
    }
    const { status } = response;
    if (status === 401 || status === 403) {
      throw new MediaServerError(
        'refused',
        `The media server refuses the key (${status}). Check MEDIA_SERVER_API_KEY.`,
      );
    }
    if (status === 404) return undefined;
    if (status >= 500) throw new MediaServerError('unreachable', `The media server ${faultOf(status)}.`);
    if (status !== 200 && status !== 204) {
      const message = `The media server returned an unexpected status (${status}). Check MEDIA_SERVER_URL.`;
      throw new MediaServerError('unusable', message);
    }
    if (method === 'POST') return {};
    try {
      if (text !== undefined) return membersOf(JSON.parse(text));
    } catch {
      // A page of a proxy, such as one that asks to sign in.
    }
    throw new MediaServerError('unusable', 'What replies is not Emby or Jellyfin. Check MEDIA_SERVER_URL.');
  }

  async function items(query: Record<string, string>, signal: AbortSignal | undefined) {
    const found = await call('GET', `Items?${new URLSearchParams({ ...query, Fields: fields })}`, undefined, signal);
    const list = found?.Items;
    if (!Array.isArray(list)) {
      throw new MediaServerError('unusable', 'What replies is not Emby or Jellyfin. Check MEDIA_SERVER_URL.');
    }
    return list.map(membersOf).filter(({ Id }) => typeof Id === 'string' && Id !== '');
  }
  const itemOf = async (id: string, signal: AbortSignal | undefined) =>
    (await items({ Ids: id }, signal)).find((item) => item.Id === id);
  const inLibrary = { Recursive: 'true', IsFolder: 'false', ...(libraryId !== null && { ParentId: libraryId }) };

  return {
    publicUrl,
    async id(signal) {
      const { Id } = (await call('GET', 'System/Info', undefined, signal)) ?? {};
      if (typeof Id === 'string' && Id !== '') return Id;
      throw new MediaServerError('unusable', 'What replies is not Emby or Jellyfin. Check MEDIA_SERVER_URL.');
    },
    async scan(moved, signal) {
      const began = now();
      if (scannedAt > began - moved) return 0;
      const pause = scannedAt + scanPause - began;
      if (pause > 0) return pause;
      // Before the request: others that ask in the meantime share it.
      scannedAt = began;
      const parent = libraryId === null ? null : encodeURIComponent(libraryId);
      const path = parent === null ? 'Library/Refresh' : `Items/${parent}/Refresh?Recursive=true`;
      try {
        if (await call('POST', path, undefined, signal)) return 0;
      } catch (error) {
        scannedAt = Number.NEGATIVE_INFINITY;
        throw error;
      }
      const hint = parent === null ? 'MEDIA_SERVER_URL' : 'MEDIA_SERVER_LIBRARY_ID';
      throw new MediaServerError(
        'unusable',
        `The media server does not know the library to scan (404). Check ${hint}.`,
      );
    },
    async find(path, known, signal) {
      const theirs = paths ? theirPath(path, await resolved(paths, path)) : path;
      const isIt = (item: Record<string, unknown>) => item.Path === theirs;
      if (known !== null && (await items({ Ids: known }, signal)).some((item) => item.Id === known && isIt(item)))
        return known;
      // Emby filters by the path; Jellyfin does not know that parameter and returns the newest.
      const latest = { ...inLibrary, SortBy: 'DateCreated', SortOrder: 'Descending', Limit: String(newest) };
      return (await items({ ...latest, Path: theirs }, signal)).find(isIt)?.Id as string | undefined;
    },
    async findByName(name, term, signal) {
      const found = await items({ ...inLibrary, SearchTerm: term, Limit: String(newest) }, signal);
      const isIt = ({ Path }: Record<string, unknown>) =>
        typeof Path === 'string' && Path.replace(/^.*[/\\]/, '') === name;
      return found.filter(isIt).map(({ Id }) => Id as string);
    },
    async write(id, facts, signal) {
      const item = await itemOf(id, signal);
      if (!item) return false;
      // The whole item: a server empties what is missing.
      const changed = { ...item, ...writtenOf(facts), LockData: true };
      return (await call('POST', `Items/${encodeURIComponent(id)}`, changed, signal)) !== undefined;
    },
    async differences(id, facts, signal) {
      const item = await itemOf(id, signal);
      if (!item) return undefined;
      const shown = shownOf(item);
      const wanted = shownOf(writtenOf(facts));
      const names = (Object.keys(wanted) as (keyof typeof wanted)[]).filter((name) => shown[name] !== wanted[name]);
      return item.LockData === false ? [...names, 'Lock'] : names;
    },
    async addImage(id, kind, url, signal) {
      const query = new URLSearchParams({ Type: kind, ImageUrl: url });
      const path = `Items/${encodeURIComponent(id)}/RemoteImages/Download?${query}`;
      if (await call('POST', path, undefined, signal)) return;
      throw new MediaServerError('unusable', 'The media server took no picture (404).');
    },
  };
}

/** With symbolic links in the name of the directory resolved, if the path has the directory so. */
async function resolved(paths: { ours: string; theirs: string }, path: string) {
  const real = await realpath(paths.ours).catch(() => paths.ours);
  return path.startsWith(`${real}/`) ? { ...paths, ours: real } : paths;
}

/** The path by which the server knows a file: with its separator, if that is the one of Windows. */
export function theirPath(path: string, paths: MediaServerSettings['paths']): string {
  if (!paths) return path;
  const ours = paths.ours.replace(/\/+$/, '');
  if (path !== ours && !path.startsWith(`${ours}/`)) return path;
  const rest = path.slice(ours.length);
  const isWindows = /^[A-Za-z]:|^\\\\/.test(paths.theirs);
  return paths.theirs.replace(/[/\\]+$/, '') + (isWindows ? rest.replaceAll('/', '\\') : rest);
}

const named = (names: readonly string[]) => names.map((Name) => ({ Name }));

function writtenOf(facts: PublishedFacts): Record<string, unknown> {
  const { title, sort_title, original_title, overview, release_date, actress, genre, label } = facts;
  return {
    Name: title,
    SortName: sort_title,
    ForcedSortName: sort_title,
    OriginalTitle: original_title ?? '',
    Overview: overview ?? '',
    PremiereDate: release_date === null ? null : `${release_date}T00:00:00.0000000Z`,
    ProductionYear: release_date === null ? null : Number(release_date.slice(0, 4)),
    People: actress.map((Name) => ({ Name, Type: 'Actor' })),
    Genres: genre,
    GenreItems: named(genre),
    Studios: named(label === null ? [] : [label]),
  };
}

/** What is compared, as texts. A sort name is not: servers return it in a form of their own. */
function shownOf(item: Record<string, unknown>) {
  const namesOf = (value: unknown) =>
    (Array.isArray(value) ? value : []).map((one) => String(typeof one === 'string' ? one : membersOf(one).Name));
  const sorted = (value: unknown) => JSON.stringify(namesOf(value).toSorted());
  return {
    Name: String(item.Name ?? ''),
    'Original title': String(item.OriginalTitle ?? ''),
    Overview: String(item.Overview ?? '').replaceAll('\r\n', '\n'),
    'Premiere date': String(item.PremiereDate ?? '').slice(0, 10),
    Year: String(item.ProductionYear ?? ''),
    People: JSON.stringify(namesOf(item.People)),
    Genres: sorted(item.Genres),
    Studios: sorted(item.Studios),
  };
}
