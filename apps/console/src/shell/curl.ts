import type { Call } from '#shared/calls.ts';

/** A request as a command for a shell; quotes are safe in any of them that follow POSIX. */
export function curlOf({ method, url, body }: Pick<Call, 'method' | 'url' | 'body'>): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  return [
    'curl',
    method !== 'GET' && `-X ${method}`,
    body !== undefined && `-H 'content-type: application/json' -d ${quote(JSON.stringify(body))}`,
    quote(url),
  ]
    .filter(Boolean)
    .join(' ');
}
