import type { ShouldRevalidateFunctionArgs } from 'react-router';
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
    if (!isRefusedPlace(error)) throw error;
    return load(place);
  }
}

/** A cursor of another order or list, or one that was cut off in a link. */
const isRefusedPlace = (error: unknown) => error instanceof ApiProblem && error.problem.status === 422;

/** Loads the page of a view that goes back by its cursors; the first page if the API refuses the cursor. */
export async function readCursorPage<V extends { cursor: string[] }, Data>(
  view: V,
  load: (view: V) => Promise<Data>,
): Promise<Data> {
  try {
    return await load(view);
  } catch (error) {
    if (!isRefusedPlace(error) || view.cursor.length === 0) throw error;
    return load({ ...view, cursor: [] });
  }
}

/** Loads the list again only if its own part of the address changes, not what is open beside it. */
export const reloadsFor =
  <V>({ read, write }: { read: (parameters: URLSearchParams) => V; write: (view: V) => URLSearchParams }) =>
  ({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs) => {
    const moved = currentUrl.href !== nextUrl.href;
    const isSame = `${write(read(currentUrl.searchParams))}` === `${write(read(nextUrl.searchParams))}`;
    return moved && isSame ? false : defaultShouldRevalidate;
  };
