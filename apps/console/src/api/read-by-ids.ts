import { longestList } from '@at/contracts/paging';

/** Reads rows by id, with as many ids in one request as the API takes. */
export async function readByIds<Row>(ids: readonly string[], read: (ids: string[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let from = 0; from < ids.length; from += longestList) {
    rows.push(...(await read(ids.slice(from, from + longestList))));
  }
  return rows;
}
