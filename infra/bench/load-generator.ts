import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

// The load generator, in its own process: reads an Order from stdin, writes a Tally to stdout. It sends HTTP over plain
// sockets with one request in flight on each, because Node's HTTP client costs more CPU than the server.

export type Order = {
  port: number;
  connections: number;
  milliseconds: number;
  /** Raw requests, sent in turn. */
  requests: string[];
  /** Milliseconds between a reply and the next request on the same connection; 0 without it. */
  pause?: number;
};

export type Tally = {
  requests: number;
  seconds: number;
  /** Replies with a status other than 200. */
  failures: number;
  /** The first of them: its request and the first line of the reply. */
  failed?: string;
  bytes: number;
  /** Milliseconds from the first byte of the request to the last byte of the reply. */
  p50: number;
  p95: number;
  p99: number;
  /** CPU seconds of this process in that time. */
  cpu: number;
};

const headEnd = Buffer.from('\r\n\r\n');

/** Keeps one request in flight on a socket until `until` (performance.now()). */
function drive(order: Order, requests: Buffer[], first: number, until: number, tally: Tally, took: number[]) {
  return new Promise<void>((resolve, reject) => {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true });
    let next = first;
    let sent = 0;
    let left = 0;
    let head: Buffer | undefined;
    let asked = Buffer.alloc(0) as Buffer;
    const send = () => {
      sent = performance.now();
      asked = requests[next % requests.length] as Buffer;
      socket.write(asked);
      next += order.connections;
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('The server closed a connection during the run.')));
    socket.on('data', (chunk) => {
      tally.bytes += chunk.length;
      if (left === 0) {
        const whole = head ? Buffer.concat([head, chunk]) : chunk;
        const end = whole.indexOf(headEnd);
        if (end < 0) {
          head = whole;
          return;
        }
        head = undefined;
        const lines = whole.toString('latin1', 0, end);
        if (!lines.startsWith('HTTP/1.1 200')) {
          tally.failures += 1;
          tally.failed ??= `${asked.toString('latin1').split('\r\n', 1)[0]}: ${lines.split('\r\n', 1)[0]}`;
        }
        const length = /\r\ncontent-length: (\d+)/i.exec(lines)?.[1];
        if (length === undefined) throw new Error(`A reply without content-length: ${lines}`);
        left = Number(length) - (whole.length - end - headEnd.length);
      } else {
        left -= chunk.length;
      }
      if (left > 0) return;
      const now = performance.now();
      took.push(now - sent);
      if (now < until) {
        if (order.pause) setTimeout(send, order.pause);
        else send();
      } else {
        socket.removeAllListeners('close').end();
        resolve();
      }
    });
  });
}

const order = JSON.parse(await text(process.stdin)) as Order;
const requests = order.requests.map((request) => Buffer.from(request));
const tally: Tally = { requests: 0, seconds: 0, failures: 0, bytes: 0, p50: 0, p95: 0, p99: 0, cpu: 0 };
const took: number[] = [];
const cpu = process.cpuUsage();
const begun = performance.now();
await Promise.all(
  Array.from({ length: order.connections }, (_, i) =>
    drive(order, requests, i, begun + order.milliseconds, tally, took),
  ),
);
const used = process.cpuUsage(cpu);
const sorted = Float64Array.from(took).sort();
const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
Object.assign(tally, {
  requests: took.length,
  seconds: (performance.now() - begun) / 1000,
  p50: quantile(0.5),
  p95: quantile(0.95),
  p99: quantile(0.99),
  cpu: (used.user + used.system) / 1e6,
});
process.stdout.write(JSON.stringify(tally));
