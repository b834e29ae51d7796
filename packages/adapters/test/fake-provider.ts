import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetadataProviderSettings, ProviderFacts } from '../src/metadata-provider.ts';

/** A provider of the queue that speaks its protocol, with a token server: for tests and for the demo. */
export type FakeProvider = {
  url: string;
  /** With a client that it gives tokens to. */
  settings: MetadataProviderSettings;
  facts: Map<string, Partial<ProviderFacts>>;
  /** Seconds that its tokens say to last. */
  life: number;
  /** The tokens that hold. */
  tokens: Set<string>;
  /** As `search ABC-1`, `search ABC-1 fresh` and `token`. */
  requests: string[];
  /** Replies instead of it, unless it returns false. */
  answer: ((request: string, response: ServerResponse) => boolean) | undefined;
  close(): Promise<void>;
};

const client = { clientId: 'queue', clientSecret: 'provider-secret' };

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export async function startProvider(): Promise<FakeProvider> {
  let count = 0;
  const reply = (response: ServerResponse, status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const token = (form: URLSearchParams, response: ServerResponse) => {
    const isKnown = form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret;
    if (form.get('grant_type') !== 'client_credentials' || !isKnown)
      return reply(response, 400, { error: 'invalid_client' });
    count += 1;
    const text = `provider-token-${count}`;
    fake.tokens.add(text);
    return reply(response, 200, { access_token: text, token_type: 'Bearer', expires_in: fake.life });
  };
  const search = (body: string, authorization: string, response: ServerResponse) => {
    if (!fake.tokens.has(authorization.replace(/^Bearer /, ''))) return reply(response, 401, { error: 'token' });
    const facts = fake.facts.get((JSON.parse(body) as { moviecode: string }).moviecode);
    return facts ? reply(response, 200, facts) : reply(response, 404, { error: 'not found' });
  };
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const isToken = request.url === '/token';
    const { moviecode, fresh } = isToken ? {} : (JSON.parse(body) as { moviecode?: string; fresh?: boolean });
    const named = isToken ? 'token' : `search ${moviecode}${fresh ? ' fresh' : ''}`;
    fake.requests.push(named);
    if (fake.answer?.(named, response)) return;
    if (isToken) token(new URLSearchParams(body), response);
    else if (request.method === 'POST' && request.url === '/search')
      search(body, request.headers.authorization ?? '', response);
    else reply(response, 404, {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fake: FakeProvider = {
    url,
    settings: { url, token: null, tokens: { url: `${url}/token`, ...client } },
    facts: new Map(),
    life: 86_400,
    tokens: new Set(),
    requests: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return fake;
}
