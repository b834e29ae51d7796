import { createHash } from 'node:crypto';

/** Headers of every reply to a browser. Imports nothing, so that nginx can be configured from it. */

/** The scripts that stand in a page itself. */
export function inlineScripts(html: string): string[] {
  return [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script]) => script as string);
}

function contentSecurityPolicy(scripts: string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'self'",
    ["script-src 'self'", ...hashes].join(' '),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
  ].join('; ');
}

/** `scripts` are the console's inline ones, allowed by their hash. */
export function browserHeaders(scripts: string[]): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(scripts),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  };
}
