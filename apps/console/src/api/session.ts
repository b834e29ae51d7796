import { closeSession, getSession, openSession, type Session } from '@at/contracts/session';
import { type Role, roles } from '@at/contracts/vocabulary';
import { createStore, useStore } from '#state/store.ts';
import { call } from './call.ts';
import { sessionTexts } from './session.texts.ts';
import { createAsking } from './shared-request.ts';
import { noteRefused } from './sign-in-required.ts';

/** Who uses the console in this browser; null: not known yet, or nobody has signed in. */
export type Who = {
  /** null: no keys are needed, everybody may do everything. */
  session: Session | null;
};

export const who = createStore<Who | null>(null);

const asking = createAsking(async () => {
  const { data } = await call(getSession, {});
  who.set(data);
  return data;
});

/** Asks the API; a failure leaves what is known, and is told of by the connection or the page that asks for a key. */
export async function refreshWho(): Promise<void> {
  try {
    await asking.now();
  } catch {
    // As above.
  }
}

/** Who it is, also where that was told a moment ago. Throws what `call` throws. */
export const recentWho = asking.lately;

/** Shows the key to the API, which keeps the browser signed in. Throws what `call` throws: 401 for a wrong key. */
export async function signIn(key: string): Promise<void> {
  const { data } = await call(openSession, { body: { key } });
  who.set({ session: data.session });
}

export async function signOut(): Promise<void> {
  await call(closeSession, {});
  who.set(null);
  noteRefused(performance.now());
}

/** Why a person may not do what needs this role; null: they may, or the API will tell. */
export function refusalOf(known: Who | null, needed: Role): string | null {
  const session = known?.session;
  if (!session || roles.indexOf(session.role) >= roles.indexOf(needed)) return null;
  return sessionTexts.refusal(session.name, session.role, needed);
}

export const useRefusal = (needed: Role): string | null => refusalOf(useStore(who), needed);
