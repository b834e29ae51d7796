import { MetadataError } from './metadata-error.ts';
import { faultOf, readBytes, whyNoReply } from './read-text.ts';

/** What both sources of metadata have in common: one GET that returns JSON or a picture. */

type Source = MetadataError['source'];

const timeout = 10_000;
const maximumBytes = 2 * 2 ** 20;
/** A source that asks for more is asked again then all the same. Seconds. */
const longestPause = 24 * 60 * 60;

/** Seconds of a header Retry-After, which has seconds or a date; undefined: none that can be read. */
function pauseOf(header: string | null): number | undefined {
  if (!header) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), longestPause) : undefined;
}

/**
 * The status and the JSON of a reply, for 200, 401, 403 and 404, whose meaning the caller knows. `names` are the variables of
 * address and key. Throws MetadataError for all else, and the reason of `signal` when that is aborted.
 */
export async function getJson(
  source: Source,
  url: URL,
  names: { url: string; key: string },
  { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal | undefined } = {},
): Promise<{ status: number; body: unknown }> {
  const accept = { accept: 'application/json', ...headers };
  const reply = await getBytes(source, url, names.url, { known: [200, 401, 403, 404], headers: accept, signal });
  const { status } = reply;
  try {
    return { status, body: JSON.parse(reply.bytes.toString('utf8')) };
  } catch {
    // A page of a proxy, such as one that asks to sign in.
  }
  // Some servers refuse a key without JSON.
  if (status === 401 || status === 403) return { status, body: undefined };
  const what = 'something that is no JSON';
  throw new MetadataError(source, 'unusable', `${source} returned ${what} (${status}). Check ${names.url}.`);
}

/**
 * The status and the body of a reply, for a `known` status, whose meaning the caller knows. `variable` has the address.
 * Throws as `getJson`; a body that is too large is unusable, unless the status says that a key is refused.
 */
export async function getBytes(
  source: Source,
  url: URL,
  variable: string,
  {
    known,
    headers,
    signal,
  }: { known: readonly number[]; headers: Record<string, string>; signal?: AbortSignal | undefined },
): Promise<{ status: number; bytes: Buffer }> {
  const unreachable = (cause: unknown) => {
    signal?.throwIfAborted();
    return new MetadataError(source, 'unreachable', `${source} ${whyNoReply(cause, timeout)}.`, { cause });
  };
  const limit = AbortSignal.timeout(timeout);
  let response: Response;
  try {
    response = await fetch(url, {
      headers,
      // The key goes to the configured host alone.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
  } catch (cause) {
    throw unreachable(cause);
  }
  const { status } = response;
  if (!known.includes(status)) {
    await response.body?.cancel().catch(() => {});
    const retryAfter = pauseOf(response.headers.get('retry-after'));
    if (status === 429) {
      throw new MetadataError(source, 'limited', `${source} refuses more requests for now (429).`, { retryAfter });
    }
    if (status >= 500) {
      throw new MetadataError(source, 'unreachable', `${source} ${faultOf(status)}.`, { retryAfter });
    }
    const hint = status >= 300 && status < 400 ? ' redirects to another address' : ' returned an unexpected status';
    throw new MetadataError(source, 'unusable', `${source}${hint} (${status}). Check ${variable}.`);
  }
  let bytes: Buffer | undefined;
  try {
    bytes = await readBytes(response, maximumBytes);
  } catch (cause) {
    throw unreachable(cause);
  }
  if (bytes) return { status, bytes };
  if (status === 401 || status === 403) return { status, bytes: Buffer.alloc(0) };
  const most = `${maximumBytes / 2 ** 20} MiB`;
  throw new MetadataError(source, 'unusable', `${source} returned more than ${most} (${status}). Check ${variable}.`);
}

/** Text as PostgreSQL takes it, without what is no text, cut to its column; null: nothing. */
export function textOf(value: unknown, most: number): string | null {
  if (typeof value !== 'string') return null;
  const clean = value.toWellFormed().replaceAll('\0', '').trim();
  return clean === '' ? null : [...clean].slice(0, most).join('').trim();
}

/** A whole number above zero: sources write 0 for what they do not know. null: nothing. */
export function countOf(value: unknown, most = Number.MAX_SAFE_INTEGER): number | null {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= most ? (value as number) : null;
}

/** The members of an object; none of anything else. */
export const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
