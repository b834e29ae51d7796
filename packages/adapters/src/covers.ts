import { lookup } from 'node:dns';
import { type ClientRequest, get as getPlain } from 'node:http';
import { get as getSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { type Picture, pictureOf } from './tmdb-images.ts';

// Covers lie where a provider of metadata says. Nobody of this installation has chosen that address, so that it must not reach what
// only this machine can.

/** Milliseconds for all of a picture. */
const timeout = 10_000;
const maximumBytes = 2 * 2 ** 20;

/** Fetches at the same time; the others wait for their turn. */
const most = 4;

/** The host of a cover did not send it now: another time it may. The message has no address. */
export class CoverError extends Error {
  override name = 'CoverError';
}

class NotPublic extends Error {}

/** Of IPv4: this machine, private networks, links, tests, multicast. https://www.iana.org/assignments/iana-ipv4-special-registry */
const closed = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  closed.addSubnet(net, bits, 'ipv4');
/** Of IPv6 only what is routed everywhere, without tunnels that end at an IPv4 address, and without examples. */
const open6 = new BlockList();
open6.addSubnet('2000::', 3, 'ipv6');
const closed6 = new BlockList();
for (const [net, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  closed6.addSubnet(net, bits, 'ipv6');

/** Whether an IP address can be reached by everybody. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !closed.check(address, 'ipv4');
  return isIP(address) === 6 && open6.check(address, 'ipv6') && !closed6.check(address, 'ipv6');
}

/** Finds the addresses of a name, all of which must be public. The connection goes to what was looked at. */
const publicLookup: LookupFunction = (host, options, callback) =>
  lookup(host, { ...options, all: true }, (error, found) => {
    if (error) return callback(error, []);
    const [first] = found;
    if (!first || !found.every(({ address }) => isPublic(address))) return callback(new NotPublic(), []);
    if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });

let free = most;
const waiting: (() => void)[] = [];

/**
 * The picture at an address of a foreign program; undefined: there is none that may be fetched. Follows no redirect. Throws CoverError
 * if its host does not send it now.
 */
export async function fetchCover(address: string, find: LookupFunction = publicLookup): Promise<Picture | undefined> {
  const url = URL.parse(address);
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  // A host that is an address is not looked up.
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || (isIP(host) && !isPublic(host)))
    return undefined;
  if (free > 0) free -= 1;
  else await new Promise<void>((resolve) => void waiting.push(resolve));
  try {
    return await load(url, find);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

function load(url: URL, find: LookupFunction): Promise<Picture | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Picture | undefined>();
  const none = (request: ClientRequest) => {
    resolve(undefined);
    request.destroy();
  };
  const fail = (cause?: unknown) => {
    if (cause instanceof NotPublic) resolve(undefined);
    else reject(new CoverError('The host of the cover did not send it. Try again later.', { cause }));
  };
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  const options = {
    lookup: find,
    agent: false,
    signal: AbortSignal.timeout(timeout),
    headers: { accept: 'image/webp,image/jpeg,image/png', 'accept-encoding': 'identity' },
  };
  const request = get(url, options, (response) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const { statusCode: status = 0 } = response;
    if (status === 408 || status === 429 || status >= 500) {
      fail();
      return void request.destroy();
    }
    if (status !== 200) return none(request);
    response.on('error', fail);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maximumBytes) none(request);
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(pictureOf(Buffer.concat(chunks))));
  });
  request.on('error', fail);
  request.on('close', () => fail());
  return promise;
}
