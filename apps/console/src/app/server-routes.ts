import type { RouteObject } from 'react-router';
import { pages } from './features.ts';

/**
 * The addresses of the console, for servers: those of pages, which answer with 200 and not 404, and those of the original's
 * console with the page that has replaced each.
 */

const below = (path: string, children: readonly RouteObject[] = []): string[] =>
  children.flatMap(({ path: child, children: more }) => {
    const whole = `${path.replace(/\/$/, '')}/${child}`;
    return child === undefined ? [] : [whole, ...below(whole, more)];
  });

export const serverRoutes = {
  pages: pages.flatMap(({ path, children }) => [path, ...below(path, children)]),
  moved: Object.fromEntries(pages.flatMap(({ path, formerly = [] }) => formerly.map((old) => [old, path]))),
};
