import { membersOf, textOf } from './metadata-reply.ts';
import { ProviderError } from './provider-error.ts';
import { faultOf, readText, whyNoReply } from './read-text.ts';

// The provider of the processing queue: one search by code over HTTP, with a bearer token that it or another server gives out.

export type MetadataProviderSettings = {
  /** `/search` is below it. */
  url: string;
  /** A token that does not change; or where to get one, as OAuth 2.0 has it for clients (RFC 6749, section 4.4). */
  token: string | null;
  tokens: { url: string; clientId: string; clientSecret: string } | null;
};

/** What the provider knows of a video; null or empty: it does not say. */
export type ProviderFacts = {
  movie_code: string;
  title: string;
  original_title: string | null;
  overview: string | null;
  /** As `2024-05-31`. */
  release_date: string | null;
  actress: string[];
  genre: string[];
  label: string | null;
  cover_url: string | null;
  backdrop_url: string | null;
};

export type MetadataProvider = {
  /**
   * What it knows of a code, or undefined. `fresh`: past its cache. Throws ProviderError, and the reason of `signal` when that is
   * aborted.
   */
  search(code: string, options?: { fresh?: boolean; signal?: AbortSignal }): Promise<ProviderFacts | undefined>;
};

/** Milliseconds. */
const timeout = 30_000;
const hour = 3_600_000;
/** A token is replaced when less than this remains, or half of its life if that is shorter. */
const ahead = 4 * hour;
const maximumBytes = 2 ** 20;
const most = { text: 1_000, overview: 20_000, names: 100, url: 2_000 };

type Token = { text: string; refreshAt: number };

export function openMetadataProvider(
  settings: MetadataProviderSettings,
  now: () => number = Date.now,
): MetadataProvider {
  let token: Token | undefined;
  let refreshing: Promise<Token> | undefined;

  const fetchToken = async (): Promise<Token> => {
    const { tokens } = settings;
    if (!tokens) return { text: settings.token ?? '', refreshAt: Number.POSITIVE_INFINITY };
    const { status, body } = await post('The token server', tokens.url, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: tokens.clientId,
        client_secret: tokens.clientSecret,
      }).toString(),
    });
    const { access_token, expires_in } = membersOf(body);
    if (status !== 200) {
      throw new ProviderError(
        'refused',
        `The token server refuses the client (${status}). Check QUEUE_PROVIDER_CLIENT_ID.`,
      );
    }
    if (typeof access_token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(access_token)) {
      throw new ProviderError('unusable', 'The token server returned no token. Check QUEUE_PROVIDER_TOKEN_URL.');
    }
    const life = Number(expires_in) > 0 ? Number(expires_in) * 1_000 : Number.POSITIVE_INFINITY;
    return { text: access_token, refreshAt: now() + life - Math.min(ahead, life / 2) };
  };
  // Several searches that need a token wait for the same one.
  const newToken = async (): Promise<Token> => {
    refreshing ??= fetchToken().finally(() => {
      refreshing = undefined;
    });
    token = await refreshing;
    return token;
  };

  return {
    async search(code, { fresh = false, signal } = {}) {
      const url = `${settings.url.replace(/\/+$/, '')}/search`;
      const ask = ({ text }: Token) =>
        post('The provider', url, {
          headers: { 'content-type': 'application/json', ...(text && { authorization: `Bearer ${text}` }) },
          body: JSON.stringify({ moviecode: code, ...(fresh && { fresh }) }),
          ...(signal && { signal }),
        });
      let used = token;
      if (!used) used = await newToken();
      else if (now() >= used.refreshAt) {
        // It still holds for a while: a token server that is down does not stop the queue yet.
        used = await newToken().catch(() => used as Token);
      }
      let reply = await ask(used);
      if (reply.status === 401 && settings.tokens) reply = await ask(await newToken());
      if (reply.status === 401 || reply.status === 403) {
        const name = settings.tokens ? 'QUEUE_PROVIDER_CLIENT_ID and _SECRET' : 'QUEUE_PROVIDER_TOKEN';
        throw new ProviderError('refused', `The provider refuses the token (${reply.status}). Check ${name}.`);
      }
      return reply.status === 404 ? undefined : factsOf(reply.body, code);
    },
  };
}

type Request = { headers: Record<string, string>; body: string; signal?: AbortSignal };

/** The status and the JSON of a reply, for 200, 400, 401, 403 and 404; throws ProviderError for all else. */
async function post(who: string, url: string, { headers, body, signal }: Request) {
  const unreachable = (cause: unknown) => {
    signal?.throwIfAborted();
    return new ProviderError('unreachable', `${who} ${whyNoReply(cause, timeout)}.`, { cause });
  };
  const limit = AbortSignal.timeout(timeout);
  let response: Response;
  let text: string | undefined;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { accept: 'application/json', ...headers },
      body,
      // The token goes to the configured host alone.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await readText(response, maximumBytes);
  } catch (cause) {
    throw unreachable(cause);
  }
  const { status } = response;
  if (status === 429) throw new ProviderError('limited', `${who} refuses more requests for now (429).`);
  if (status >= 500) throw new ProviderError('unreachable', `${who} ${faultOf(status)}.`);
  if (![200, 400, 401, 403, 404].includes(status)) {
    throw new ProviderError('unusable', `${who} returned an unexpected status (${status}). Check its address.`);
  }
  if (status !== 200) return { status, body: undefined };
  try {
    if (text !== undefined) return { status, body: JSON.parse(text) as unknown };
  } catch {
    // A page of a proxy, such as one that asks to sign in.
  }
  const what = text === undefined ? `more than ${maximumBytes / 2 ** 20} MiB` : 'something that is no JSON';
  throw new ProviderError('unusable', `${who} returned ${what}.`);
}

const listOf = (value: unknown): string[] => {
  const texts = (Array.isArray(value) ? value : [value]).slice(0, most.names).map((one) => textOf(one, most.text));
  return [...new Set(texts.filter((text) => text !== null))];
};

const dateOf = (value: unknown): string | null => {
  const [date] = typeof value === 'string' ? (/^\d{4}-\d\d-\d\d/.exec(value) ?? []) : [];
  return date !== undefined && !Number.isNaN(Date.parse(date)) ? date : null;
};

const addressOf = (value: unknown): string | null =>
  typeof value === 'string' && value.length <= most.url && /^https?:/i.test(value) && URL.canParse(value)
    ? value
    : null;

/** Reads a reply, which nobody vouches for: what is no text or no date is left out. */
function factsOf(body: unknown, code: string): ProviderFacts {
  const facts = membersOf(body);
  const title = textOf(facts.title, most.text);
  if (title === null) throw new ProviderError('unusable', 'The provider returned a reply without a title.');
  const named = textOf(facts.movie_code, 50);
  if (named !== null && named.toUpperCase() !== code.toUpperCase()) {
    throw new ProviderError('unusable', 'The provider returned the metadata of another code.');
  }
  return {
    movie_code: code,
    title,
    original_title: textOf(facts.original_title, most.text),
    overview: textOf(facts.overview, most.overview),
    release_date: dateOf(facts.release_date),
    actress: listOf(facts.actress),
    genre: listOf(facts.genre),
    label: textOf(facts.label, most.text),
    cover_url: addressOf(facts.cover_url),
    backdrop_url: addressOf(facts.backdrop_url),
  };
}
