import { getMeta, type Meta } from '@at/contracts/system';
import { call } from './api.ts';
import { createStore } from './store.ts';

/** What the API says about itself; null until it has. */
export const meta = createStore<Meta | null>(null);

/** Milliseconds within which those who ask share an answer; one that never comes must not hide that the API has gone. */
const sharedFor = 2_000;
let asking: { since: number; answer: Promise<boolean> } | undefined;

async function ask(): Promise<boolean> {
  try {
    meta.set((await call(getMeta, {})).data);
    return true;
  } catch {
    // What was known stays shown; the connection's dot and banner tell the rest.
    return false;
  }
}

/** Asks the API about itself; false when it did not tell. A failure is kept by the connection state, which every call feeds. */
export function refreshMeta(): Promise<boolean> {
  const now = performance.now();
  if (asking === undefined || now - asking.since > sharedFor) {
    const mine = { since: now, answer: ask() };
    asking = mine;
    void mine.answer.then(() => {
      if (asking === mine) asking = undefined;
    });
  }
  return asking.answer;
}
