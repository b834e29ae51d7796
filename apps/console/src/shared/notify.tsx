import { lazy, Suspense } from 'react';
import { idle } from './idle.ts';
import { createStore, useStore } from './store.ts';

/** Short messages in the corner; what can be taken back carries its Undo. Their code comes after the first paint. */

/** Whether there is a place for messages on the page yet. */
const toastsWanted = createStore(false);

const load = () => {
  toastsWanted.set(true);
  return import('./toasts.tsx');
};

/** So that a message can be shown also when the API, which serves the code, is away. */
void idle.then(load);

/**
 * Says what happened, with Undo where it can be taken back (as long as the message is shown, at least 7 seconds, unless
 * newer ones push it out: a queue of them would speak of what is long past).
 */
export function notify(message: string, undo?: () => void): void {
  void load().then(({ showMessage }) => showMessage(message, undo));
}

/** Says what went wrong; stays until it is dismissed. */
export function notifyError(title: string, error: unknown): void {
  void load().then(({ showError }) => showError(title, error));
}

const Toasts = lazy(() => import('./toasts.tsx').then((module) => ({ default: module.Toasts })));

/** Where messages appear, once there may be one. */
export function ToastPlace() {
  return useStore(toastsWanted) && <Suspense children={<Toasts />} />;
}
