import { getTaskRun, type RunDetails } from '@at/contracts/runs';
import { rerunMetadata as endpoint, type MetadataOutput, type TrainingRow } from '@at/contracts/training';
import { useEffect } from 'react';
import { ApiProblem, call, isOutage } from '#api/call.ts';
import { currentServerInfo, useServerInfo } from '#api/server-info.ts';
import { currentSession, refusalOf, useSession } from '#api/session.ts';
import { createRememberedStore, useStore } from '#state/store.ts';
import { formatName, isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { refreshMetadataTexts as texts } from './refresh-metadata.texts.ts';

/** Refreshing the metadata of a title: it is marked until the run that does it has ended, which a message reports. */

type Refresh = { imdb_id: string; title: string; run: string };

/** The most refreshes that are stored. */
const most = 100;
/** Milliseconds between two looks at a run. */
const pause = 1_000;
/** Changed facts that a message names. */
const named = 4;

const isRefreshes = (value: unknown): value is Refresh[] =>
  Array.isArray(value) &&
  value.every((one) => ['imdb_id', 'title', 'run'].every((name) => typeof one?.[name] === 'string'));

/** Refreshes in progress, latest last, each title once. */
const refreshes = createRememberedStore<Refresh[]>('refreshes', [], isRefreshes);

/** Runs that this page follows. */
const followed = new Set<string>();

/** Whether the metadata of a title is being refreshed. A refresh from before a reload is followed again. */
export function useRefreshingMetadata({ imdb_id }: TrainingRow): boolean {
  const refresh = useStore(refreshes).find((one) => one.imdb_id === imdb_id);
  useEffect(() => {
    if (refresh) void follow(refresh);
  }, [refresh]);
  return refresh !== undefined;
}

function refusalFor(
  session: ReturnType<typeof currentSession>,
  info: ReturnType<typeof currentServerInfo>,
): string | null {
  return refusalOf(session, endpoint.config.role) ?? info?.metadata_refusal ?? null;
}

/** Why no metadata can be refreshed; null: it can, or the API decides. */
export const useMetadataRefusal = (): string | null => refusalFor(useSession(), useServerInfo());

/** Starts a refresh of a title's metadata, and reports its outcome. */
export async function refreshMetadata({
  imdb_id,
  media_title,
}: Pick<TrainingRow, 'imdb_id' | 'media_title'>): Promise<void> {
  const refusal = refusalFor(currentSession(), currentServerInfo());
  if (refusal !== null) {
    notify(refusal);
    return;
  }
  if (refreshes.get().some((one) => one.imdb_id === imdb_id)) return;
  try {
    const { data } = await call(endpoint, { params: { imdb_id }, body: {} });
    const refresh = { imdb_id, title: media_title, run: data.run_id };
    refreshes.set((before) => [...before.filter((one) => one.imdb_id !== imdb_id), refresh].slice(-most));
    void follow(refresh);
  } catch (error) {
    // A missing metadata service is not a failure of this title.
    if (error instanceof ApiProblem && error.problem.status === 409) notify(error.problem.message);
    else notifyError(texts.failed(isolate(media_title)), error);
  }
}

/** Looks at a run until it has ended, also over an outage. */
async function follow(refresh: Refresh): Promise<void> {
  if (followed.has(refresh.run)) return;
  followed.add(refresh.run);
  for (;;) {
    try {
      const { data } = await call(getTaskRun, { params: { id: refresh.run } });
      if (data.finished_at !== null) {
        report(refresh, data);
        break;
      }
    } catch (error) {
      // It was deleted, or belongs to another database.
      if (!isOutage(error)) break;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  followed.delete(refresh.run);
  refreshes.set((before) => before.filter(({ run }) => run !== refresh.run));
}

function report({ imdb_id, title: name }: Refresh, { state, error, steps }: RunDetails): void {
  const title = isolate(name);
  const again = () => void refreshMetadata({ imdb_id, media_title: name });
  const output = steps[0]?.output as MetadataOutput | null;
  const result = output?.titles.find((one) => one.imdb_id === imdb_id);
  const { changes = [], notes = [] } = result ?? {};
  if (state === 'cancelled') {
    notify(texts.cancelled(title));
    return;
  }
  const problem = error?.message ?? (output ? notes.join(' ') : state);
  if (problem !== '') {
    notifyError(changes.length > 0 ? texts.inPart(title) : texts.failed(title), new Error(problem), again);
    return;
  }
  const facts = changes.map(({ column }) => formatName(column));
  notify(facts.length > 0 ? texts.changed(title, facts.slice(0, named), facts.length - named) : texts.unchanged(title));
}
