import { createView, deleteView, listViews, type SavedView, updateView } from '@at/contracts/views';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { columnsInAddress } from './link-columns.ts';
import { viewsTexts } from './saved-views.texts.ts';

/** Saved views: named filters of pages, the user's own and the shared ones. */

/** Of every page, by page and name. */
const views = queryOptions({ queryKey: ['views'], queryFn: async () => (await call(listViews, {})).data.data });

/** undefined until `loadViews` has loaded them. */
export const useSavedViews = (): SavedView[] | undefined => useQuery({ ...views, enabled: false }, queryClient).data;

/** Loads them again. Throws what `call` throws. */
export const loadViews = (): Promise<SavedView[]> => queryClient.fetchQuery({ ...views, staleTime: 0 });

const setViews = (next: (before: SavedView[]) => SavedView[]) =>
  queryClient.setQueryData(views.queryKey, (before = []) => next(before));

/** The known view of a page under this name. */
export const findView = (page: string, name: string): SavedView | undefined =>
  queryClient.getQueryData(views.queryKey)?.find((view) => view.page === page && view.name === name);

/** Parameters that are a place in a list rather than a filter. */
const places = ['title', 'page', 'offset', 'cursor', 'rows', 'open', 'row', columnsInAddress];

/** The filter in an address; equal filters give equal text. */
export function filterIn(search: string): string {
  const parameters = new URLSearchParams(search);
  for (const name of places) parameters.delete(name);
  parameters.sort();
  return parameters.toString();
}

/** The address of a view. */
export const viewAddress = ({ page, query }: SavedView) => `/${page}${query ? `?${query}` : ''}`;

function put(view: SavedView): void {
  const byName = (left: SavedView, right: SavedView) =>
    left.page.localeCompare(right.page) || left.name.localeCompare(right.name);
  setViews((before) => [...before.filter(({ id }) => id !== view.id), view].sort(byName));
}

type NewView = Pick<SavedView, 'page' | 'name' | 'query' | 'shared'>;

/** Saves a view. Throws what `call` throws: 409 when the name is taken. */
export async function saveView({ page, name, query, shared }: NewView): Promise<void> {
  const { data } = await call(createView, { body: { page, name, query, shared } });
  put(data.view);
  notify(viewsTexts.saved(isolate(name)));
}

type Change = Partial<Pick<SavedView, 'name' | 'query' | 'shared'>>;

async function change(view: SavedView, changes: Change): Promise<SavedView> {
  const { id, updated_at } = view;
  const { data } = await call(updateView, { params: { id }, ifMatch: `"${updated_at}"`, body: changes });
  put(data.view);
  return data.view;
}

/** Changes a view and shows a message; Undo changes it back. Returns whether it worked. */
export async function changeView(view: SavedView, changes: Change, message: string): Promise<boolean> {
  try {
    const changed = await change(view, changes);
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, view[name as keyof Change]]));
    notify(message, () => {
      change(changed, before).catch((error: unknown) => notifyError(viewsTexts.notChanged, error));
    });
    return true;
  } catch (error) {
    notifyError(viewsTexts.notChanged, error);
    // Another user may have changed or deleted it.
    loadViews().catch(() => {});
    return false;
  }
}

/** Deletes a view; Undo saves it again. */
export async function forgetView(view: SavedView): Promise<void> {
  const { id, updated_at, name } = view;
  try {
    await call(deleteView, { params: { id }, ifMatch: `"${updated_at}"` });
    setViews((before) => before.filter((other) => other.id !== id));
    notify(viewsTexts.deleted(isolate(name)), () => {
      saveView(view).catch((error: unknown) => notifyError(viewsTexts.notSaved, error));
    });
  } catch (error) {
    notifyError(viewsTexts.notDeleted, error);
    loadViews().catch(() => {});
  }
}
