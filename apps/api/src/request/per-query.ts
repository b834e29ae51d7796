/**
 * Computes once what depends on nothing but a query: requests of the same address have the same query, as long as it is
 * remembered (`query-parameters.ts`).
 */
export function perQuery<Query extends object, T extends object>(compute: (query: Query) => T): (query: Query) => T {
  const computed = new WeakMap<Query, T>();
  return (query) => {
    let found = computed.get(query);
    if (!found) {
      found = compute(query);
      computed.set(query, found);
    }
    return found;
  };
}
