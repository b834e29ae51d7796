/** The query with a threshold: the operating one unless it names another. */
export const withThreshold = <Query extends { threshold?: number }>(
  query: Query,
  { operatingThreshold }: { operatingThreshold: number },
) => ({ threshold: operatingThreshold, ...query });
