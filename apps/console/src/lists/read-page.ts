import { ApiProblem } from '#api/call.ts';

/** Loads the page of a view by its cursor, or by its offset if it has none or the API refuses it. */
export async function readPage<Reply>(
  { offset, cursor }: { offset: number; cursor: string | null },
  load: (place: { offset?: number; cursor?: string }) => Promise<Reply>,
): Promise<Reply> {
  const place = offset > 0 ? { offset } : {};
  if (cursor === null) return load(place);
  try {
    return await load({ cursor });
  } catch (error) {
    // A cursor of another order, or one that was cut off in a link.
    if (!(error instanceof ApiProblem) || error.problem.status !== 422) throw error;
    return load(place);
  }
}
