/**
 * The path of the console, which begins and ends with a slash: `/`, or such as `/at/` behind a proxy. Derived from the address
 * of this script in assets/; `/` in development.
 */
export const basePath = /^(.*\/)assets\/[^/]*$/.exec(new URL(import.meta.url).pathname)?.[1] ?? '/';

/** The name of something that the browser keeps for all consoles of one origin, so that each has its own. */
export const nameHere = (name: string) => (basePath === '/' ? name : `${name} ${basePath}`);

/** The page that the address names, such as `training`. */
export const pageHere = (): string => location.pathname.slice(basePath.length).split('/', 1)[0] as string;
