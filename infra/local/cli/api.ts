import { userInfo } from 'node:os';
import { shown } from '@at/config/environment';
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from '@at/contracts/endpoint';
import { pathOfEndpoint } from '@at/contracts/endpoint-path';

/** The API from a terminal: typed calls with the caller's key. */

/** The API refused, or did not reply; the message says why. */
export class ApiFailure extends Error {
  override name = 'ApiFailure';
}

type Arguments<E extends Endpoint> = (ParamsOf<E> extends undefined ? object : { params: ParamsOf<E> }) &
  (QueryOf<E> extends undefined ? object : { query?: QueryOf<E> }) &
  (BodyOf<E> extends undefined ? object : { body?: BodyOf<E> });

type Values = Record<string, unknown>;

export type StreamEvent = { id: string; event: string; data: unknown };

/** Milliseconds. */
const timeout = 30_000;

export class Api {
  readonly #url: string;
  readonly #shown: string;
  readonly #key: string | undefined;
  readonly #prefix: string;

  /** `url`: where the product is, with the path of a proxy if there is one; `prefix`: that of the API below it. */
  constructor(url: string, prefix: string, key: string | undefined) {
    this.#shown = JSON.parse(shown(url)) as string;
    const address = /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
    // A message repeats no more of an address than its host: the rest may be a secret.
    if (!address) throw new ApiFailure(`${this.#shown} is no address. Write one such as http://localhost:8000.`);
    if (address.username || address.password) {
      throw new ApiFailure('The address has a user or password in it. Leave them out; the key is AT_API_KEY.');
    }
    if (key !== undefined && !/^[!-~]+$/.test(key)) {
      throw new ApiFailure('AT_API_KEY holds what a header cannot carry. Copy the secret again.');
    }
    this.#url = url.replace(/\/+$/, '');
    this.#prefix = `/${prefix}`.replace(/^\/+$/, '');
    this.#key = key;
  }

  /** Throws ApiFailure. */
  async call<E extends Endpoint>(endpoint: E, args: Arguments<E>): Promise<ReplyOf<E>> {
    const { params, query, body } = args as { params?: Values; query?: Values; body?: unknown };
    return (await this.#fetch(this.#urlOf(endpoint, params, query), {
      method: endpoint.method,
      headers: {
        'x-actor': encodeURIComponent(userInfo().username),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : null,
    })) as ReplyOf<E>;
  }

  /** The events of a live tail, until its connection ends. Throws ApiFailure. */
  async *tail<E extends Endpoint>(endpoint: E, query: QueryOf<E>): AsyncGenerator<StreamEvent> {
    const url = this.#urlOf(endpoint, {}, query as Values);
    const headers = { accept: 'text/event-stream', ...(this.#key ? { 'x-api-key': this.#key } : {}) };
    try {
      const response = await fetch(url, { headers, redirect: 'manual' });
      if (!response.ok || !response.body) throw new Error(response.statusText);
      let rest = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        const blocks = `${rest}${chunk}`.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const part = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
          const data = part('data');
          yield { id: part('id'), event: part('event'), data: data === '' ? null : JSON.parse(data) };
        }
      }
    } catch (error) {
      throw new ApiFailure(`The live tail was interrupted: ${(error as Error).message}`);
    }
  }

  #urlOf(endpoint: Endpoint, params: Values = {}, query: Values = {}): URL {
    const path = endpoint.url.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(String(params[name])));
    const url = new URL(`${this.#url}${pathOfEndpoint(path, { root: '', api: this.#prefix })}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    return url;
  }

  async #fetch(url: URL, init: RequestInit): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        ...init,
        headers: {
          accept: 'application/json',
          prefer: 'handling=strict',
          ...(this.#key ? { 'x-api-key': this.#key } : {}),
          ...init.headers,
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(timeout),
      });
      text = await response.text();
    } catch {
      throw new ApiFailure(
        `Nothing answers at ${this.#shown}. Start the product, or name its address with --url or AT_URL.`,
      );
    }
    let reply: unknown;
    try {
      reply = JSON.parse(text);
    } catch {
      throw new ApiFailure(
        `What answers at ${this.#shown} is not the product (${response.status}). Check --url or AT_URL.`,
      );
    }
    if (response.ok) return reply;
    const { message = response.statusText } = reply as { message?: string };
    throw new ApiFailure(response.status === 401 ? `${message} Set AT_API_KEY.` : message);
  }
}
