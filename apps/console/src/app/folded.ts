import { createPreference } from '#state/preferences.ts';
import { isBoolean } from '#state/store.ts';

/** Whether the navigation shows only icons. */
export const navigationFolded = createPreference('navigation-folded', false, isBoolean);

/** Whether the API line is only its dot. */
export const apiLineFolded = createPreference('api-line-folded', false, isBoolean);
