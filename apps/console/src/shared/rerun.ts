import { rerunMetadata as endpoint, type TrainingRow, titleFacts } from '@at/contracts/training';
import { ApiProblem, call } from './api.ts';
import { isolate } from './format.ts';
import { notify, notifyError } from './notify.tsx';
import { refusalOf, who } from './session.ts';
import { createStore } from './store.ts';
import { rerunTexts as texts } from './texts/rerun.ts';

/** Metadata that was asked for anew; a title stays marked until there is some. */

const factsOf = (title: TrainingRow) =>
  JSON.stringify((Object.keys(titleFacts) as (keyof typeof titleFacts)[]).map((fact) => title[fact]));

/** The metadata of each title as it was when new was asked for. */
export const reruns = createStore<ReadonlyMap<string, string>>(new Map());

/** Whether the title still waits for what was asked for. */
export const isRerunning = (title: TrainingRow, asked: ReadonlyMap<string, string>): boolean =>
  asked.get(title.imdb_id) === factsOf(title);

/** Asks for new metadata of a title, and says what came of it. */
export async function rerunMetadata(title: TrainingRow): Promise<void> {
  const { imdb_id, media_title } = title;
  const refusal = refusalOf(who.get(), endpoint.config.role);
  if (refusal !== null) return notify(refusal);
  try {
    await call(endpoint, { params: { imdb_id }, body: {} });
    reruns.set((before) => new Map(before).set(imdb_id, factsOf(title)));
    notify(texts.asked(isolate(media_title)));
  } catch (error) {
    // That nothing fetches metadata here is no failure of this title's.
    if (error instanceof ApiProblem && error.problem.status === 409) notify(error.problem.message);
    else notifyError(texts.failed(isolate(media_title)), error);
  }
}
