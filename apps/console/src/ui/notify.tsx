import type { ComponentType } from 'react';
import { untilConnected } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { whenIdle } from './when-idle.ts';

/** Short messages in the corner, with Undo where possible. Their code loads after the first paint. */

/** The component that shows messages, once it has loaded. */
const toasts = createStore<ComponentType | null>(null);

type Show = Pick<typeof import('./toasts.tsx'), 'showMessage' | 'showError' | 'focusLatest' | 'leavePage'>;

let loading: Promise<Show> | undefined;

/** The API serves the code: during an outage messages wait until it is back. */
async function fetchToasts(): Promise<Show> {
  for (;;) {
    try {
      const { Toasts, showMessage, showError, focusLatest, leavePage } = await import('./toasts.tsx');
      toasts.set(() => Toasts);
      return { showMessage, showError, focusLatest, leavePage };
    } catch {
      await untilConnected();
    }
  }
}

function load() {
  loading ??= fetchToasts();
  return loading;
}

/** Loads the code early, so that messages show during an outage of the API, which serves it. */
void whenIdle.then(load);

/**
 * Shows what happened. With Undo it stays 20 seconds; without, newer messages may replace it. Returns what closes it:
 * a message whose change was undone in another way must not offer Undo. `onClosed` runs once it is gone.
 */
export function notify(message: string, undo?: () => void, onClosed?: () => void): () => void {
  const shown = load().then(({ showMessage }) => showMessage(message, undo, onClosed));
  return () => void shown.then((close) => close());
}

/** Shows an error until it is dismissed, its page is left or newer ones replace it; `retry` runs what failed again, or what `label` says. */
export function notifyError(title: string, error: unknown, retry?: () => void, label?: string): void {
  void load().then(({ showError }) => showError(title, error, retry, label));
}

/** Moves the focus to the latest Undo or else the latest message, and from there back. */
export function focusMessage(): void {
  void load().then(({ focusLatest }) => focusLatest());
}

/** Another page is on screen now. */
export function leavePage(): void {
  void load().then((show) => show.leavePage());
}

/** The place of the messages. */
export function ToastHost() {
  const Toasts = useStore(toasts);
  return Toasts && <Toasts />;
}
