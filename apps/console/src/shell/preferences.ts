import { createRememberedStore, isBoolean } from '#shared/store.ts';

/** Whether the navigation shows icons alone. */
export const navigationFolded = createRememberedStore('navigation-folded', false, isBoolean);
