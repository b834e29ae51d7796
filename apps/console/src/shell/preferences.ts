import { createPreference } from '#shared/preferences.ts';
import { isBoolean } from '#shared/store.ts';

/** Whether the navigation shows icons alone. */
export const navigationFolded = createPreference('navigation-folded', false, isBoolean);
