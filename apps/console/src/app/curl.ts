import type { Call } from '#api/call-log.ts';

/** A request as a command for POSIX shells. */
export function curlOf({ method, url, headers = {}, body }: Pick<Call, 'method' | 'url' | 'headers' | 'body'>): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    'curl',
    method !== 'GET' && `-X ${method}`,
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    body !== undefined && `-H 'content-type: application/json' -d ${quote(JSON.stringify(body))}`,
    quote(url),
  ]
    .filter(Boolean)
    .join(' ');
}
