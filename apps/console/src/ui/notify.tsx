import type { ComponentType } from 'react';
import { untilConnected } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { whenIdle } from './when-idle.ts';

/** Short messages in the corner; what can be taken back carries its Undo. Their code comes after the first paint. */

/** What shows messages, once its code is there. */
const toasts = createStore<ComponentType | null>(null);

type Show = Pick<typeof import('./toasts.tsx'), 'showMessage' | 'showError' | 'focusLatest'>;

let loading: Promise<Show> | undefined;

/** The API serves the code too: where it is away, messages wait until it is back, and the page goes on without. */
async function fetchToasts(): Promise<Show> {
  for (;;) {
    try {
      const { Toasts, showMessage, showError, focusLatest } = await import('./toasts.tsx');
      toasts.set(() => Toasts);
      return { showMessage, showError, focusLatest };
    } catch {
      await untilConnected();
    }
  }
}

function load() {
  loading ??= fetchToasts();
  return loading;
}

/** So that a message can be shown also when the API, which serves the code, is away. */
void whenIdle.then(load);

/**
 * Says what happened, with Undo where it can be taken back: for at least 7 seconds, whatever is said after it. A message
 * that offers nothing gives way to newer ones.
 */
export function notify(message: string, undo?: () => void): void {
  void load().then(({ showMessage }) => showMessage(message, undo));
}

/** Says what went wrong; stays until it is dismissed, or newer ones take its place. */
export function notifyError(title: string, error: unknown): void {
  void load().then(({ showError }) => showError(title, error));
}

/** Leads the focus to the latest Undo, or without one to the latest message; from there back to where it was. */
export function focusMessage(): void {
  void load().then(({ focusLatest }) => focusLatest());
}

/** Where messages appear, once there may be one. */
export function ToastHost() {
  const Toasts = useStore(toasts);
  return Toasts && <Toasts />;
}
