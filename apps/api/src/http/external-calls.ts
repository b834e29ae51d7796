/** Calls of this process to other systems, for the metrics. */
export class ExternalCalls {
  readonly #seen = new Map<string, { system: string; result: 'done' | 'failed'; calls: number; seconds: number }>();

  /** The same system, whose methods are counted and timed. */
  measured<T extends object>(system: string, of: T): T {
    const record = (result: 'done' | 'failed', begun: number) => this.#record(system, result, begun);
    return new Proxy(of, {
      get(target, name, receiver) {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => {
          const begun = performance.now();
          const result: unknown = member.apply(target, args);
          if (!(result instanceof Promise)) return result;
          return result.then(
            (value) => {
              record('done', begun);
              return value;
            },
            (error) => {
              record('failed', begun);
              throw error;
            },
          );
        };
      },
    });
  }

  get seen() {
    return [...this.#seen.values()];
  }

  #record(system: string, result: 'done' | 'failed', begun: number): void {
    const name = `${system} ${result}`;
    const known = this.#seen.get(name) ?? { system, result, calls: 0, seconds: 0 };
    known.calls += 1;
    known.seconds += (performance.now() - begun) / 1_000;
    this.#seen.set(name, known);
  }
}
