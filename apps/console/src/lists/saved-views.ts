import { createView, deleteView, listViews, type SavedView, updateView } from '@at/contracts/views';
import { call } from '#api/call.ts';
import { createStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { viewsTexts } from './saved-views.texts.ts';

/** Saved views: filters of pages under a name, one's own and the shared ones, as the API keeps them. */

/** Of every page, by page and name; null until they are known. */
export const views = createStore<SavedView[] | null>(null);

/** Reads them anew; throws as `call` does. */
export async function loadViews(): Promise<void> {
  views.set((await call(listViews, {})).data.data);
}

/** What of an address is a place in a list rather than a filter. */
const places = ['title', 'page', 'offset', 'cursor', 'rows', 'open', 'row'];

/** The filter in an address, so that two that mean the same are the same text. */
export function filterIn(search: string): string {
  const parameters = new URLSearchParams(search);
  for (const name of places) parameters.delete(name);
  parameters.sort();
  return parameters.toString();
}

/** Where a view leads. */
export const viewAddress = ({ page, query }: SavedView) => `/${page}${query ? `?${query}` : ''}`;

function put(view: SavedView): void {
  const byName = (left: SavedView, right: SavedView) =>
    left.page.localeCompare(right.page) || left.name.localeCompare(right.name);
  views.set((before) => [...(before ?? []).filter(({ id }) => id !== view.id), view].sort(byName));
}

type NewView = Pick<SavedView, 'page' | 'name' | 'query' | 'shared'>;

/** Saves a view; throws as `call` does, with 409 when there is one of that name. */
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

/** Changes a view and says so; Undo changes it back. Whether it worked. */
export async function changeView(view: SavedView, changes: Change, said: string): Promise<boolean> {
  try {
    const changed = await change(view, changes);
    const before = Object.fromEntries(Object.keys(changes).map((name) => [name, view[name as keyof Change]]));
    notify(said, () => {
      change(changed, before).catch((error: unknown) => notifyError(viewsTexts.notChanged, error));
    });
    return true;
  } catch (error) {
    notifyError(viewsTexts.notChanged, error);
    // It may have been changed or deleted by somebody else.
    loadViews().catch(() => {});
    return false;
  }
}

/** Forgets a view; Undo saves it again. */
export async function forgetView(view: SavedView): Promise<void> {
  const { id, updated_at, name } = view;
  try {
    await call(deleteView, { params: { id }, ifMatch: `"${updated_at}"` });
    views.set((before) => (before ?? []).filter((other) => other.id !== id));
    notify(viewsTexts.deleted(isolate(name)), () => {
      saveView(view).catch((error: unknown) => notifyError(viewsTexts.notSaved, error));
    });
  } catch (error) {
    notifyError(viewsTexts.notDeleted, error);
    loadViews().catch(() => {});
  }
}
