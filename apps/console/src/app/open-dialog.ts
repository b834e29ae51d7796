import { holdKeys } from '#keys/bindings.ts';
import { createStore } from '#state/store.ts';

/** How often each dialog was opened; a higher number opens it again. */
export const openings = createStore({ palette: 0, keys: 0, calls: 0, more: 0 });

export function openDialog(dialog: keyof ReturnType<typeof openings.get>): void {
  if (dialog === 'palette') holdKeys();
  openings.set((before) => ({ ...before, [dialog]: before[dialog] + 1 }));
}
