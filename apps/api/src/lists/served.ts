/** What the indexes of a list serve: the plan tests read it, and so does the choice of how a statement runs. */
export type Served<Order extends string = string> = {
  /** Query strings: a page of each filter in each order comes from an index. */
  filters: readonly string[];
  orders: readonly string[];
  /** Query strings of other pages that come from an index. */
  pages?: readonly string[];
  /**
   * Filters and orders of which one index holds exactly the rows in their order for all data, so that the plan needs no
   * values. A filter is a name, for any value, or `name=value`.
   */
  quick: readonly { filters: readonly string[]; orders: readonly Order[] }[];
};

/** Whether these filters are quick in this order; undefined filters count as absent. */
export function isQuick({ quick }: Served, filters: Record<string, unknown>, order: string): boolean {
  const given = Object.entries(filters).filter(([, value]) => value !== undefined);
  return quick.some(
    (row) =>
      row.orders.includes(order) &&
      row.filters.length === given.length &&
      given.every(([name, value]) => row.filters.includes(name) || row.filters.includes(`${name}=${value}`)),
  );
}
