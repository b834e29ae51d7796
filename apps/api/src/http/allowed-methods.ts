import type { RouteOptions } from 'fastify';

/** The methods of each path, for 405 and the header Allow. */

type Route = { method: string; url: string; pattern: RegExp };

const isLiteral = ({ url }: Route) => !url.includes(':');

/** Of all apps of a process. */
const patterns = new Map<string, RegExp>();

function patternOf(url: string): RegExp {
  const parts = url.replace(/\/$/, '').split('/');
  const ours = parts.map((part) => (part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
  return new RegExp(`^${ours.join('/')}/?$`);
}

export class AllowedMethods {
  readonly #routes: Route[] = [];
  #isComplete = false;

  add({ method, url }: Pick<RouteOptions, 'method' | 'url'>): void {
    if (this.#isComplete || url.endsWith('*')) return;
    const pattern = patterns.get(url) ?? patternOf(url);
    patterns.set(url, pattern);
    for (const one of [method].flat()) this.#routes.push({ method: one, url, pattern });
  }

  /** The methods that a path has; `/training/stats` is not a title, so it does not have those of titles. */
  of(path: string): string[] {
    const matching = this.#routes.filter(({ pattern }) => pattern.test(path));
    const literal = matching.filter(isLiteral);
    return [...new Set((literal.length > 0 ? literal : matching).map(({ method }) => method))];
  }

  /**
   * Literal paths with the methods that the router would take as those of a path with a parameter. Routes that are added
   * later, such as those that refuse these methods, are not counted.
   */
  hidden(): { url: string; method: string[] }[] {
    this.#isComplete = true;
    const literal = new Set(this.#routes.filter(isLiteral).map(({ url }) => url));
    const parametric = this.#routes.filter((route) => !isLiteral(route));
    return [...literal].flatMap((url) => {
      const others = parametric.filter(({ pattern }) => pattern.test(url));
      if (others.length === 0) return [];
      const own = this.of(url);
      const method = [...new Set(others.map((route) => route.method))].filter((one) => !own.includes(one));
      return method.length > 0 ? [{ url, method }] : [];
    });
  }
}
