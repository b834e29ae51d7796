import { getTaskRun, type RunDetails } from '@at/contracts/runs';
import {
  rerunMetadata as endpoint,
  type MetadataOutput,
  rerunMetadataOfMany,
  type TrainingRow,
} from '@at/contracts/training';
import { useEffect } from 'react';
import { ApiProblem, call, isOutage } from '#api/call.ts';
import { currentServerInfo, useServerInfo } from '#api/server-info.ts';
import { currentSession, refusalOf, useSession } from '#api/session.ts';
import { createRememberedStore, useStore } from '#state/store.ts';
import { formatInteger, formatName, isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { refreshMetadataTexts as texts } from './refresh-metadata.texts.ts';

/** Refreshing the metadata of a title: it is marked until the run that does it has ended, which a message reports. */

/** `name`: of the one title; null: they are many. */
type Refresh = { ids: string[]; name: string | null; run: string };

/** The most refreshes that are stored. */
const most = 100;
/** Milliseconds between two looks at a run. */
const pause = 1_000;
/** Changed facts that a message names. */
const named = 4;

const isRefreshes = (value: unknown): value is Refresh[] =>
  Array.isArray(value) && value.every((one) => Array.isArray(one?.ids) && typeof one.run === 'string');

/** Refreshes in progress, latest last. */
const refreshes = createRememberedStore<Refresh[]>('refreshes', [], isRefreshes);

/** Runs that this page follows. */
const followed = new Set<string>();

/** Whether the metadata of a title is being refreshed. A refresh from before a reload is followed again. */
export function useRefreshingMetadata({ imdb_id }: TrainingRow): boolean {
  const refresh = useStore(refreshes).find(({ ids }) => ids.includes(imdb_id));
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
  media_title: name,
}: Pick<TrainingRow, 'imdb_id' | 'media_title'>): Promise<void> {
  if (refreshes.get().some(({ ids }) => ids.includes(imdb_id))) return;
  await start({ ids: [imdb_id], name }, () => call(endpoint, { params: { imdb_id }, body: {} }));
}

/** The same for many titles, `mostRefreshed` at most. */
export const refreshMetadataOf = (ids: string[]): Promise<void> =>
  start({ ids, name: null }, () => call(rerunMetadataOfMany, { body: { imdb_ids: ids } }));

async function start(of: Omit<Refresh, 'run'>, request: () => Promise<{ data: { run_id: string } }>): Promise<void> {
  const refusal = refusalFor(currentSession(), currentServerInfo());
  if (refusal !== null) {
    notify(refusal);
    return;
  }
  try {
    const { data } = await request();
    const refresh = { ...of, run: data.run_id };
    refreshes.set((before) => [...before.filter(({ run }) => run !== refresh.run), refresh].slice(-most));
    void follow(refresh);
  } catch (error) {
    // A missing metadata service is not a failure of this title.
    if (error instanceof ApiProblem && error.problem.status === 409) notify(error.problem.message);
    else notifyError(texts.failed(nameOf(of)), error);
  }
}

const nameOf = ({ ids, name }: Omit<Refresh, 'run'>) =>
  name === null ? texts.titles(formatInteger(ids.length)) : `"${isolate(name)}"`;

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

function report(refresh: Refresh, { state, error, steps }: RunDetails): void {
  const { ids, name } = refresh;
  const again = () =>
    void (name === null ? refreshMetadataOf(ids) : refreshMetadata({ imdb_id: ids[0] as string, media_title: name }));
  const output = steps[0]?.output as MetadataOutput | null;
  const { changes = [], notes = [] } = (name !== null && output?.titles[0]) || {};
  if (state === 'cancelled') {
    notify(texts.cancelled(nameOf(refresh)));
    return;
  }
  const problem = error?.message ?? (output ? [...notes, ...output.sources].join(' ') : state);
  if (problem !== '') {
    const inPart = output !== null && output.changed > 0;
    notifyError(inPart ? texts.inPart(nameOf(refresh)) : texts.failed(nameOf(refresh)), new Error(problem), again);
    return;
  }
  if (name === null && output) {
    const { changed, unchanged, unknown, failed } = output;
    const [one, two, three] = [changed, unchanged, unknown + failed].map(formatInteger);
    notify(texts.many(one as string, two as string, three as string));
    return;
  }
  const facts = changes.map(({ column }) => formatName(column));
  const title = nameOf(refresh);
  notify(facts.length > 0 ? texts.changed(title, facts.slice(0, named), facts.length - named) : texts.unchanged(title));
}
