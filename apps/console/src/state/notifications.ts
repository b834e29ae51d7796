import { createRememberedStore, isBoolean } from './store.ts';

/** Whether this browser is to notify of what breaks or gets stuck. A choice of the browser: each asks for its own permission. */
export const wantsNotifications = createRememberedStore('notifications', false, isBoolean);
