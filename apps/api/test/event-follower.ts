import { get, type IncomingMessage } from 'node:http';

/** A client of the event stream for tests: real HTTP, and the protocol read by its letter. */

export type StreamMessage = { event: string; id: string; data: unknown };

export type Follower = {
  messages: StreamMessage[];
  /** The messages of these kinds. */
  of: (...names: string[]) => StreamMessage[];
  headers: IncomingMessage['headers'];
  /** The id that a browser would continue from. */
  lastId: () => string;
  /** Comments so far. */
  comments: () => number;
  /** Settles once the condition holds; looked at with all that arrives. */
  until: (isThere: () => boolean) => Promise<void>;
  closed: Promise<void>;
  close: () => void;
};

export async function follow(
  port: number,
  query = '',
  headers: Record<string, string> = {},
  path = '/rear-diff/events',
): Promise<Follower> {
  const { promise: response, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = get({ port, host: '127.0.0.1', path: `${path}${query}`, headers, agent: false }, resolve);
  const end = Promise.withResolvers<void>();
  request.on('error', (error) => {
    reject(error);
    end.resolve();
  });
  const incoming = await response;
  if (incoming.statusCode !== 200) throw new Error(`GET ${path}${query} answered ${incoming.statusCode}`);
  incoming.on('error', () => {}).on('close', () => end.resolve());

  const messages: StreamMessage[] = [];
  let comments = 0;
  let lastId = '';
  let rest = '';
  let waiting: (() => void)[] = [];
  incoming.setEncoding('utf8').on('data', (chunk: string) => {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      let [event, data] = ['message', ''];
      for (const line of block.split('\n')) {
        const [, name, value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
        if (name === '') comments += 1;
        else if (name === 'id') lastId = value;
        else if (name === 'event') event = value;
        else if (name === 'data') data += value;
      }
      if (data !== '') messages.push({ event, id: lastId, data: JSON.parse(data) });
    }
    for (const look of waiting) look();
  });

  return {
    messages,
    of: (...names) => messages.filter(({ event }) => names.includes(event)),
    headers: incoming.headers,
    lastId: () => lastId,
    comments: () => comments,
    until: async (isThere) => {
      const there = Promise.withResolvers<void>();
      const look = () => {
        if (isThere()) there.resolve();
      };
      waiting.push(look);
      look();
      const gone = end.promise.then(() => {
        if (!isThere()) throw new Error(`The stream ended after ${JSON.stringify(messages.at(-1))}`);
      });
      await Promise.race([there.promise, gone]);
      waiting = waiting.filter((one) => one !== look);
    },
    closed: end.promise,
    close: () => request.destroy(),
  };
}
