import { listSettings, type Setting, saveSetting } from '@at/contracts/settings';
import type { Role } from '@at/contracts/vocabulary';
import { onPreference, preferences } from '#state/preferences.ts';
import { ApiProblem, call } from './call.ts';

/**
 * Keeps the preferences of whoever has a key with the API. What the API keeps comes first; what only this browser knows
 * stays, and goes to the API with the next choice. Without a key nothing is sent.
 */

const section = 'console';
/** Milliseconds that choices made one after the other are gathered for. */
const pause = 600;
const attempts = 3;

type Values = Record<string, unknown>;

/** The person's own settings; undefined: none yet, only everybody's. */
async function readOwn(): Promise<Setting | undefined> {
  const { data } = await call(listSettings, { query: { section } });
  return data.data.find(({ scope }) => scope === 'own');
}

/** Writes the values over what the API keeps meanwhile. */
async function write(values: Values): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const own = await readOwn();
    try {
      await call(saveSetting, {
        body: { section, scope: 'own', value: { ...own?.value, ...values } },
        ...(own ? { ifMatch: `"${own.version}"` } : {}),
      });
      return;
    } catch (error) {
      // Another browser of the same person was faster.
      const isStale = error instanceof ApiProblem && error.problem.status === 412;
      if (!isStale || attempt === attempts) throw error;
    }
  }
}

/** Takes over what the API keeps of somebody who has signed in, and sends it what is chosen from then on. */
export async function keepPreferences(role: Role): Promise<void> {
  // A viewer writes nothing: their choices stay with the browser.
  if (role === 'viewer') return;
  const kept: Values = { ...(await readOwn())?.value };
  const chosen: Values = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const send = () => {
    timer = undefined;
    const values = { ...chosen };
    write(values).then(
      () => {
        for (const key of Object.keys(values)) if (chosen[key] === values[key]) delete chosen[key];
      },
      // The choice holds in this browser; it is sent again with the next one.
      () => {},
    );
  };
  onPreference((key) => {
    const preference = preferences.get(key);
    if (!preference) return;
    const { store, isValid } = preference;
    if (key in kept && isValid(kept[key])) store.set(kept[key]);
    store.subscribe(() => {
      chosen[key] = store.get();
      clearTimeout(timer);
      timer = setTimeout(send, pause);
    });
  });
}
