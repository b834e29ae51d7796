import type { IncomingMessage } from 'node:http';
import { withoutBase } from './paths.ts';

/** Callers of the file pipeline's original send their key as `?api_key=`. */

const paths = [
  'config',
  'dashboard',
  'dedup/(?:start|status)',
  'batch/(?:create|list)',
  'batches(?:/[^/]+)?',
  '(?:sync|sort)/(?:start|status)/[^/]+',
  'sync/diagnostics',
  'cleanup/run',
  'workflow/(?:run|status|overview|debug/advance)',
  'workflow/(?:sync|sort)/[^/]+',
  'debug/report',
];
const ofOriginal = new RegExp(`^/api/(?:${paths.join('|')})/?$`);

const isKey = (part: string) => part === 'api_key' || part.startsWith('api_key=');

/**
 * Takes the key out of the address of a request, so that no log, link and reply repeats it. At the paths of the original it counts as the
 * header, unless another key is sent; elsewhere it is dropped.
 */
export function takeKey(request: IncomingMessage, basePath: string): void {
  const [path = '', query] = (request.url ?? '').split(/\?(.*)/s, 2);
  if (!query?.includes('api_key')) return;
  const parts = query.split('&');
  const sent = parts.find(isKey);
  if (sent === undefined) return;
  const kept = parts.filter((part) => !isKey(part));
  request.url = kept.length > 0 ? `${path}?${kept.join('&')}` : path;
  const { headers } = request;
  if (!ofOriginal.test(withoutBase(path, basePath)) || headers['x-api-key'] !== undefined || headers.authorization)
    return;
  headers['x-api-key'] = new URLSearchParams(sent).get('api_key') ?? '';
}
