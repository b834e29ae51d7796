import { closeSession, getSession, openSession, type Session } from '@at/contracts/session';
import { type Role, roles } from '@at/contracts/vocabulary';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from './call.ts';
import { queryClient } from './query-client.ts';
import { sessionTexts } from './session.texts.ts';
import { recordRefused } from './sign-in-required.ts';

/** The signed-in user of this browser; null: no keys are configured, or nobody has signed in. */
const session = queryOptions({
  queryKey: ['session'],
  queryFn: async (): Promise<Session | null> => (await call(getSession, {})).data.session,
});

const setSession = (next: Session | null) => queryClient.setQueryData(session.queryKey, next);

/** undefined: not known yet. */
export const useSession = (): Session | null | undefined => useQuery(session, queryClient).data;

export const currentSession = (): Session | null | undefined => queryClient.getQueryData(session.queryKey);

/** Requests it now. A failure leaves the last known session; the connection banner or the sign-in page reports it. */
export async function refreshSession(): Promise<void> {
  await queryClient.fetchQuery({ ...session, staleTime: 0 }).catch(() => {});
}

/** Requests it unless there is a recent reply. Throws what `call` throws. */
export const recentSession = () => queryClient.fetchQuery({ ...session, staleTime: 2_000 });

/** Calls back once, with the first user that is known to be signed in. */
export function onSignedIn(run: (session: Session) => void): void {
  const stop = queryClient.getQueryCache().subscribe(() => {
    const known = currentSession();
    if (!known) return;
    stop();
    run(known);
  });
}

/** Sends the key to the API, which keeps the browser signed in. Throws what `call` throws: 401 for a wrong key. */
export async function signIn(key: string): Promise<void> {
  const { data } = await call(openSession, { body: { key } });
  setSession(data.session);
}

export async function signOut(): Promise<void> {
  await call(closeSession, {});
  setSession(null);
  recordRefused(performance.now());
}

/** Why a user may not do what needs this role; null: they may, or the API decides. */
export function refusalOf(known: Session | null | undefined, needed: Role): string | null {
  if (!known || roles.indexOf(known.role) >= roles.indexOf(needed)) return null;
  return sessionTexts.refusal(known.name, known.role, needed);
}

export const useRefusal = (needed: Role): string | null => refusalOf(useSession(), needed);
