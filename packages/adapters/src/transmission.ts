import type { Torrent } from '@at/contracts/media';
import type { FailureCode } from '@at/contracts/vocabulary';

// Transmission's RPC (JSON over HTTP): the 409 that returns a session id, basic authentication, and a timeout for the
// whole call. Node's fetch keeps connections open between calls; a hanging call does not delay others.

export type TransmissionSettings = {
  /** http unless said. */
  scheme?: 'http' | 'https';
  /** As written in a URL. */
  host: string;
  port: number;
  /** Path of its RPC, `/transmission/rpc` unless said. */
  path?: string;
  /** Both empty: the daemon needs no user. */
  username: string;
  password: string;
};

/** The daemon refused, did not respond, or is not configured; the message has the cause and what to do. */
export class TransmissionError extends Error {
  override name = 'TransmissionError';
  /** The reply did not arrive, so the daemon may have executed the call. */
  readonly uncertain: boolean;

  /** Its code for runs. */
  readonly failure: FailureCode;

  constructor(
    message: string,
    {
      uncertain = false,
      failure = 'refused',
      ...options
    }: ErrorOptions & { uncertain?: boolean; failure?: FailureCode } = {},
  ) {
    super(message, options);
    this.uncertain = uncertain;
    this.failure = failure;
  }
}

export const notConfigured = 'Transmission is not configured. Set REAR_DIFF_TRANSMISSION_HOST to its host.';

export type Transmission = {
  configured: boolean;
  /** Adds a magnet or http(s) link; `added` is false if the torrent already existed. `hash` is in lower case. */
  add: (link: string) => Promise<{ hash: string; added: boolean }>;
  /** The hashes of its torrents, in lower case: of all, or of these. */
  present: (hashes?: string[]) => Promise<string[]>;
  /** Removes torrents, optionally with their data; returns the ones that existed and are removed. */
  remove: (hashes: string[], withData: boolean) => Promise<string[]>;
  /** Of these hashes those of torrents whose data is complete and checked. */
  finished: (hashes: string[]) => Promise<string[]>;
  /** The torrents with these hashes, or all. */
  list: (hashes?: string[]) => Promise<Torrent[]>;
};

type Options = {
  /** Milliseconds for a call, including the handshake. */
  timeout?: number;
};

/** Every call can throw TransmissionError. Connects on the first call. */
export function openTransmission(
  settings: TransmissionSettings | null,
  { timeout = 5_000 }: Options = {},
): Transmission {
  if (!settings) {
    const refuse = async () => {
      throw new TransmissionError(notConfigured);
    };
    return { configured: false, add: refuse, present: refuse, remove: refuse, finished: refuse, list: refuse };
  }
  const { scheme = 'http', host, port, path = '/transmission/rpc', username, password } = settings;
  const url = `${scheme}://${host}:${port}${path}`;
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const authorization: Record<string, string> = username || password ? { authorization: `Basic ${credentials}` } : {};
  let session = '';

  const post = (body: string, signal: AbortSignal) =>
    fetch(url, {
      method: 'POST',
      headers: { ...authorization, 'content-type': 'application/json', 'x-transmission-session-id': session },
      body,
      signal,
      // The password goes to the configured address only, and a redirected POST would become a GET.
      redirect: 'manual',
    });

  async function call(method: string, args: object, signal: AbortSignal): Promise<Record<string, unknown>> {
    const body = JSON.stringify({ method, arguments: args });
    try {
      let response = await post(body, signal);
      if (response.status === 409) {
        session = response.headers.get('x-transmission-session-id') ?? '';
        await response.body?.cancel();
        response = await post(body, signal);
      }
      if (!response.ok) {
        await response.body?.cancel();
        throw refusalOf(response, url);
      }
      const answer = (await response.json()) as { result?: unknown; arguments?: Record<string, unknown> } | null;
      if (typeof answer?.result !== 'string') throw new SyntaxError('No reply of the RPC');
      if (answer.result !== 'success') throw new TransmissionError(`Transmission refused: ${answer.result}.`);
      return answer.arguments ?? {};
    } catch (cause) {
      if (cause instanceof TransmissionError) throw cause;
      if (signal.aborted) {
        const message = `Transmission at ${host}:${port} did not respond within ${timeout / 1000} s. Check it.`;
        throw new TransmissionError(message, { cause, uncertain: true, failure: 'unreachable' });
      }
      if (cause instanceof SyntaxError) {
        const message = `What replies at ${url} is not Transmission. Check REAR_DIFF_TRANSMISSION_HOST, _PORT and _RPC_PATH.`;
        throw new TransmissionError(message, { cause, uncertain: true, failure: 'unusable' });
      }
      const { code = 'no answer' } = ((cause as Error).cause ?? {}) as { code?: string };
      const message = `Transmission at ${host}:${port} cannot be reached (${code}). Start it, or correct REAR_DIFF_TRANSMISSION_HOST and _PORT.`;
      const uncertain = code !== 'ECONNREFUSED' && code !== 'ENOTFOUND';
      throw new TransmissionError(message, { cause, uncertain, failure: 'unreachable' });
    }
  }

  async function find<F extends keyof RpcTorrent>(hashes: string[] | undefined, fields: F[], signal: AbortSignal) {
    const { torrents } = await call('torrent-get', { fields, ...(hashes ? { ids: hashes } : {}) }, signal);
    return torrents as Pick<RpcTorrent, F>[];
  }

  const present = async (hashes: string[] | undefined, signal: AbortSignal) =>
    (await find(hashes, ['hashString'], signal)).map(({ hashString }) => hashString.toLowerCase());

  return {
    configured: true,
    add: async (link) => {
      // Transmission would read any other text as a path on its machine.
      if (!isTorrentLink(link)) throw new TransmissionError('The link is neither magnet: nor http(s).');
      const answer = await call('torrent-add', { filename: link }, AbortSignal.timeout(timeout));
      const torrent = (answer['torrent-added'] ?? answer['torrent-duplicate']) as { hashString: string };
      return { hash: torrent.hashString.toLowerCase(), added: 'torrent-added' in answer };
    },
    present: (hashes) => present(hashes, AbortSignal.timeout(timeout)),
    remove: async (hashes, withData) => {
      const signal = AbortSignal.timeout(timeout);
      // Removing an unknown torrent succeeds too, so look them up first.
      const found = await present(hashes, signal);
      if (found.length === 0) return [];
      await call('torrent-remove', { ids: found, 'delete-local-data': withData }, signal);
      const left = await present(found, signal);
      return found.filter((hash) => !left.includes(hash));
    },
    finished: async (hashes) =>
      (await find(hashes, ['hashString', ...completeness], AbortSignal.timeout(timeout)))
        // Of a magnet link whose metadata has not come, nothing is left either.
        .filter(
          ({ status, percentDone, leftUntilDone, metadataPercentComplete }) =>
            percentDone === 1 && leftUntilDone === 0 && metadataPercentComplete === 1 && !checking.has(status),
        )
        .map(({ hashString }) => hashString.toLowerCase()),
    list: async (hashes) => (await find(hashes, [...fields], AbortSignal.timeout(timeout))).map(toTorrent),
  };
}

function refusalOf({ status, headers }: Response, url: string): TransmissionError {
  const variables = 'REAR_DIFF_TRANSMISSION_HOST, _PORT and _RPC_PATH';
  const location = headers.get('location');
  if (status >= 300 && status < 400 && location !== null && URL.canParse(location, url)) {
    const { origin, pathname } = new URL(location, url);
    // Transmission leads from any other path to its own page, beside which its RPC is.
    const [, beside] = (origin === new URL(url).origin && /^(.*\/)web\/?$/.exec(pathname)) || [];
    const next = beside
      ? `Set REAR_DIFF_TRANSMISSION_RPC_PATH to ${beside}rpc.`
      : `Set ${variables} to where Transmission's RPC is.`;
    return new TransmissionError(`${url} redirects to ${origin}${pathname}, and a redirect is not followed. ${next}`, {
      failure: 'unusable',
    });
  }
  if (status === 404 || status === 405) {
    return new TransmissionError(
      `There is no RPC of Transmission at ${url}. Set REAR_DIFF_TRANSMISSION_RPC_PATH to the rpc-url of Transmission with rpc at its end.`,
      { failure: 'unusable' },
    );
  }
  if (status === 401) {
    return new TransmissionError(
      'Transmission refuses the user or password. Check REAR_DIFF_TRANSMISSION_USERNAME and _PASSWORD.',
    );
  }
  if (status === 421) {
    return new TransmissionError(
      `Transmission refuses the host name in ${url}. Add it to rpc-host-whitelist in its settings.json, use its IP address, or let it require a password.`,
    );
  }
  if (status === 409) {
    return new TransmissionError(
      `The session id of Transmission does not reach it through ${url}. Let the proxy before it pass on the header X-Transmission-Session-Id.`,
    );
  }
  if (status === 403) {
    return new TransmissionError(
      'Transmission refuses the address of this machine, or has seen too many wrong passwords. Add the address to ' +
        'rpc-whitelist in its settings.json, or start Transmission again.',
    );
  }
  return new TransmissionError(`Transmission refused with HTTP status ${status}.`);
}

/** Whether Transmission can add the link. */
export function isTorrentLink(link: string): boolean {
  return /^(magnet:\?|https?:\/\/)/i.test(link);
}

/** Bits of base32, the other way to write an info-hash. */
const base32 = 'abcdefghijklmnopqrstuvwxyz234567';
function fromBase32(text: string): string {
  const bits = [...text.toLowerCase()].map((digit) => base32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return BigInt(`0b${bits}`).toString(16).padStart(40, '0');
}

/** The info-hash of a magnet link, in lower case. */
export function hashOfMagnet(link: string): string | undefined {
  if (!/^magnet:\?/i.test(link)) return undefined;
  for (const [name, value] of new URLSearchParams(link.slice(link.indexOf('?') + 1))) {
    const [, hash] = /^xt(?:\.\d+)?$/i.test(name) ? (/^urn:btih:([0-9a-f]{40}|[a-z2-7]{32})$/i.exec(value) ?? []) : [];
    if (hash) return hash.length === 40 ? hash.toLowerCase() : fromBase32(hash);
  }
  return undefined;
}

/** The info-hash in a link, in lower case: of a magnet, or a last segment of 40 hexadecimal digits. */
export function hashOfLink(link: string): string | undefined {
  return hashOfMagnet(link) ?? /\/([0-9a-f]{40})\/?(?:[?#]|$)/i.exec(link)?.[1]?.toLowerCase();
}

/** The possible hashes of a media item's torrent: its own, and the one in its link. */
export function torrentHashes({ hash, original_link }: { hash: string; original_link: string | null }): string[] {
  return [...new Set([hash, hashOfLink(original_link ?? '') ?? hash])];
}

/** The requested fields of a torrent. */
type RpcTorrent = {
  hashString: string;
  name: string;
  status: number;
  percentDone: number;
  sizeWhenDone: number;
  rateDownload: number;
  rateUpload: number;
  eta: number;
  error: number;
  errorString: string;
  leftUntilDone: number;
  metadataPercentComplete: number;
};
const completeness = [
  'status',
  'percentDone',
  'leftUntilDone',
  'metadataPercentComplete',
] as const satisfies (keyof RpcTorrent)[];
const fields = [
  'hashString',
  'name',
  'status',
  'percentDone',
  'sizeWhenDone',
  'rateDownload',
  'rateUpload',
  'eta',
  'error',
  'errorString',
] as const satisfies (keyof RpcTorrent)[];

/** By Transmission's numbers. */
const statuses = [
  'stopped',
  'waiting to check',
  'checking',
  'queued',
  'downloading',
  'waiting to seed',
  'seeding',
] as const;

/** The numbers of statuses in which the data is not known to be right. */
const checking = new Set([1, 2]);

function toTorrent(torrent: Pick<RpcTorrent, (typeof fields)[number]>): Torrent {
  return {
    hash: torrent.hashString.toLowerCase(),
    name: torrent.name,
    status: statuses[torrent.status] ?? 'stopped',
    percent: Math.round(torrent.percentDone * 1000) / 10,
    size: torrent.sizeWhenDone,
    rate_download: torrent.rateDownload,
    rate_upload: torrent.rateUpload,
    // Negative: unknown or not applicable.
    eta: torrent.eta < 0 ? null : torrent.eta,
    error: torrent.error === 0 ? null : torrent.errorString,
  };
}
