/**
 * Which address is a page of the console, which has moved and which belongs to an API. Imports nothing, so that nginx can
 * be configured from it: the patterns are regular expressions of both, matched in any case against a decoded path.
 */

/** The console's `routes.json`; `:name` stands for any segment. */
export type ConsoleRoutes = {
  pages: string[];
  /** Paths of the original's console, with the page that has replaced each. */
  moved: Record<string, string>;
};

/** Paths that belong to an API begin with one of these, or with its prefix: unknown there is 404, never a page. */
export const apiSegments = ['rear-diff', 'api', 'ws', 'webhook', 'metrics', 'health'];

/** Folders of the console's files, which are no pages either. */
export const consoleFolders = ['assets', 'flags'] as const;

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

export function pagePattern({ pages }: ConsoleRoutes): string {
  const paths = pages.map((path) =>
    path
      .slice(1)
      .split('/')
      .map((part) => (part.startsWith(':') ? '[^/]+' : literal(part)))
      .join('/'),
  );
  return `^/(?:${paths.join('|')})/?$`;
}

/** Hyphens may stand for underscores, as in the original's older addresses. */
export function movedPatterns({ moved }: ConsoleRoutes): [pattern: string, page: string][] {
  return Object.entries(moved).map(([path, page]) => [`^${literal(path).replaceAll('_', '[-_]')}/?$`, page]);
}
