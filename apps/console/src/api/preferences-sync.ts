import { listSettings, type Setting, saveSetting } from '@at/contracts/settings';
import type { Role } from '@at/contracts/vocabulary';
import { onPreference, preferences } from '#state/preferences.ts';
import { ApiProblem, call } from './call.ts';

/**
 * Keeps the preferences of a signed-in user in the API. The API's values win; values that only this browser has stay, and
 * are sent with the next choice.
 */

const section = 'console';
/** Milliseconds for which choices are collected. */
const pause = 600;
const attempts = 3;

type Values = Record<string, unknown>;

/** The user's own settings; undefined: none yet. */
async function readOwn(): Promise<Setting | undefined> {
  const { data } = await call(listSettings, { query: { section } });
  return data.data.find(({ scope }) => scope === 'own');
}

/** Adds the values to those that the API has. */
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
      // Another browser of the user was faster.
      const isStale = error instanceof ApiProblem && error.problem.status === 412;
      if (!isStale || attempt === attempts) throw error;
    }
  }
}

/** Loads the preferences of the signed-in user, and sends later choices and those made `early`, before they are loaded. */
export async function keepPreferences(role: Role, early: ReadonlySet<string>): Promise<void> {
  // A viewer may not write: the choices stay in the browser.
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
      // It is sent again with the next choice.
      () => {},
    );
  };
  onPreference((key) => {
    const preference = preferences.get(key);
    if (!preference) return;
    const { store, isValid } = preference;
    const choose = () => {
      chosen[key] = store.get();
      clearTimeout(timer);
      timer = setTimeout(send, pause);
    };
    if (early.has(key)) choose();
    else if (key in kept && isValid(kept[key])) store.set(kept[key]);
    store.subscribe(choose);
  });
}
