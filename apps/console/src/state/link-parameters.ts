import { createStore } from './store.ts';

/** What a copied link has besides the address: how the page looks here. */
export const linkParameters = createStore<Record<string, string>>({});
