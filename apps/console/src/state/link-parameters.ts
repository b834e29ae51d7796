import { createStore } from './store.ts';

/** Parameters that a copied link has in addition to those of the address, such as the columns on screen. */
export const linkParameters = createStore<Record<string, string>>({});
