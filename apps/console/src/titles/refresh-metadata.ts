import { compareTimes } from '@at/contracts/compare-times';
import { rerunMetadata as endpoint, type TrainingRow, titleFacts } from '@at/contracts/training';
import { useEffect } from 'react';
import { ApiProblem, call } from '#api/call.ts';
import { currentServerInfo, useServerInfo } from '#api/server-info.ts';
import { currentSession, refusalOf, useSession } from '#api/session.ts';
import { createRememberedStore, useStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { refreshMetadataTexts as texts } from './refresh-metadata.texts.ts';

/** Requested metadata; a title stays marked until it arrives. */

const factsOf = (title: TrainingRow) =>
  JSON.stringify((Object.keys(titleFacts) as (keyof typeof titleFacts)[]).map((fact) => title[fact]));

/** A title's metadata at the request, with the version of its row. */
type Refresh = { imdb_id: string; facts: string; version: string };

/** The most requests that are stored. */
const most = 100;

const isRefreshes = (value: unknown): value is Refresh[] =>
  Array.isArray(value) &&
  value.every((one) => ['imdb_id', 'facts', 'version'].every((name) => typeof one?.[name] === 'string'));

/** Pending requests, latest last, each title once. */
export const pendingRefreshes = createRememberedStore<Refresh[]>('reruns', [], isRefreshes);

/** Ignores older rows, such as one that was loaded before the request. */
const hasArrived = (title: TrainingRow, { facts, version }: Refresh) =>
  compareTimes(title.updated_at, version) > 0 && factsOf(title) !== facts;

/** Whether the title's request is pending. */
export function isRefreshingMetadata(title: TrainingRow, all: readonly Refresh[]): boolean {
  const requested = all.find(({ imdb_id }) => imdb_id === title.imdb_id);
  return requested !== undefined && !hasArrived(title, requested);
}

/** The same for a title on screen; removes the request once the metadata has arrived. */
export function useRefreshingMetadata(title: TrainingRow): boolean {
  const all = useStore(pendingRefreshes);
  const isPending = isRefreshingMetadata(title, all);
  const isOver = !isPending && all.some(({ imdb_id }) => imdb_id === title.imdb_id);
  useEffect(() => {
    if (isOver) pendingRefreshes.set((before) => before.filter(({ imdb_id }) => imdb_id !== title.imdb_id));
  }, [isOver, title.imdb_id]);
  return isPending;
}

function refusalFor(
  session: ReturnType<typeof currentSession>,
  info: ReturnType<typeof currentServerInfo>,
): string | null {
  return refusalOf(session, endpoint.config.role) ?? info?.metadata_refusal ?? null;
}

/** Why no metadata can be requested; null: it can, or the API decides. */
export const useMetadataRefusal = (): string | null => refusalFor(useSession(), useServerInfo());

/** Requests new metadata of a title, and shows the outcome. */
export async function refreshMetadata(title: TrainingRow): Promise<void> {
  const { imdb_id, media_title } = title;
  const refusal = refusalFor(currentSession(), currentServerInfo());
  if (refusal !== null) {
    notify(refusal);
    return;
  }
  try {
    await call(endpoint, { params: { imdb_id }, body: {} });
    const requested = { imdb_id, facts: factsOf(title), version: title.updated_at };
    pendingRefreshes.set((before) => [...before.filter((one) => one.imdb_id !== imdb_id), requested].slice(-most));
    notify(texts.requested(isolate(media_title)));
  } catch (error) {
    // A missing metadata service is not a failure of this title.
    if (error instanceof ApiProblem && error.problem.status === 409) notify(error.problem.message);
    else notifyError(texts.failed(isolate(media_title)), error);
  }
}
