import { rerunMetadata as endpoint, type TrainingRow, titleFacts } from '@at/contracts/training';
import { useEffect } from 'react';
import { ApiProblem, call } from '#api/call.ts';
import { currentSession, refusalOf } from '#api/session.ts';
import { createRememberedStore, useStore } from '#state/store.ts';
import { isolate } from '#ui/format.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { refreshMetadataTexts as texts } from './refresh-metadata.texts.ts';

/** Metadata that was asked for anew; a title stays marked until there is some. */

const factsOf = (title: TrainingRow) =>
  JSON.stringify((Object.keys(titleFacts) as (keyof typeof titleFacts)[]).map((fact) => title[fact]));

/** A title's metadata as it was when new was asked for, and the version of the row that held it. */
type Asked = { imdb_id: string; facts: string; version: string };

/** Titles that are kept in mind; of those asked for before, nobody waits any more. */
const most = 100;

const isAsked = (value: unknown): value is Asked[] =>
  Array.isArray(value) &&
  value.every((one) => ['imdb_id', 'facts', 'version'].every((name) => typeof one?.[name] === 'string'));

/** What was asked for and has not come yet, latest last, each title once. */
export const reruns = createRememberedStore<Asked[]>('reruns', [], isAsked);

/** An older row, such as one that was loaded before, tells nothing. */
const hasCome = (title: TrainingRow, { facts, version }: Asked) =>
  title.updated_at > version && factsOf(title) !== facts;

/** Whether the title still waits for what was asked for. */
export function isRefreshingMetadata(title: TrainingRow, all: readonly Asked[]): boolean {
  const asked = all.find(({ imdb_id }) => imdb_id === title.imdb_id);
  return asked !== undefined && !hasCome(title, asked);
}

/** The same of a title that is shown; when it no longer waits, that is kept in mind no longer. */
export function useRefreshingMetadata(title: TrainingRow): boolean {
  const all = useStore(reruns);
  const rerunning = isRefreshingMetadata(title, all);
  const isOver = !rerunning && all.some(({ imdb_id }) => imdb_id === title.imdb_id);
  useEffect(() => {
    if (isOver) reruns.set((before) => before.filter(({ imdb_id }) => imdb_id !== title.imdb_id));
  }, [isOver, title.imdb_id]);
  return rerunning;
}

/** Asks for new metadata of a title, and says what came of it. */
export async function refreshMetadata(title: TrainingRow): Promise<void> {
  const { imdb_id, media_title } = title;
  const refusal = refusalOf(currentSession(), endpoint.config.role);
  if (refusal !== null) return notify(refusal);
  try {
    await call(endpoint, { params: { imdb_id }, body: {} });
    const asked = { imdb_id, facts: factsOf(title), version: title.updated_at };
    reruns.set((before) => [...before.filter((one) => one.imdb_id !== imdb_id), asked].slice(-most));
    notify(texts.asked(isolate(media_title)));
  } catch (error) {
    // That nothing fetches metadata here is no failure of this title's.
    if (error instanceof ApiProblem && error.problem.status === 409) notify(error.problem.message);
    else notifyError(texts.failed(isolate(media_title)), error);
  }
}
