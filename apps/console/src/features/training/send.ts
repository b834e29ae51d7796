import {
  type FlagValues,
  listTrainingHistory,
  undoLabel,
  updateTraining,
  wouldNotWatch,
  wouldWatch,
} from '@at/contracts/label';
import { getTraining, type TrainingRow } from '@at/contracts/training';
import { ApiProblem, ApiUnreachable, call } from '#shared/api.ts';
import { type Entry, flagsAfter, NotSent, type Outcome, sameFlags } from './outbox.ts';

/** Sends one write of the outbox to the API and reads from the answer how it ended. */

export const flagsOf = ({ label, human_labeled, anomalous, reviewed }: TrainingRow): FlagValues => ({
  label,
  human_labeled,
  anomalous,
  reviewed,
});

const versionOf = (etag: string | null) => etag?.replaceAll('"', '') ?? '';

async function attempt(entry: Entry, version: string): Promise<Outcome> {
  const { imdb_id, write, decisionMs, shown } = entry;
  const decision = {
    ...(decisionMs === undefined ? {} : { decision_ms: decisionMs }),
    ...(shown === undefined ? {} : { shown }),
  };
  const args = { params: { imdb_id }, ifMatch: `"${version}"` };
  if (write.kind === 'undo') {
    // The write it takes back had changed nothing.
    if (write.eventId === null) return { kind: 'saved', eventId: null, version };
    const { data, etag } = await call(undoLabel, { ...args, body: { event_id: write.eventId, ...decision } });
    return { kind: 'saved', eventId: data.event_id, version: versionOf(etag) };
  }
  const { data, etag } =
    write.kind === 'anomalous'
      ? await call(updateTraining, { ...args, body: { imdb_id, anomalous: write.value, ...decision } })
      : await call(write.label === 'would_watch' ? wouldWatch : wouldNotWatch, { ...args, body: decision });
  return { kind: 'saved', eventId: data.event_id, version: versionOf(etag) };
}

/** The title is no longer in the version that was seen: find out whether that matters. */
async function resolve(entry: Entry): Promise<Outcome | { kind: 'again'; version: string }> {
  const { imdb_id } = entry;
  const { data: title } = await call(getTraining, { params: { imdb_id } });
  const now = flagsOf(title);
  const version = title.updated_at;
  // Only other columns have changed, such as a rating refreshed by the pipeline.
  if (sameFlags(now, entry.seen)) return { kind: 'again', version };
  const { data: history } = await call(listTrainingHistory, { params: { imdb_id } });
  const latest = history.data[0];
  // An answer of ours whose reply was lost on the way, or the same decision by somebody else.
  if (sameFlags(now, flagsAfter(entry.seen, entry.write)))
    return { kind: 'saved', eventId: latest?.event_id ?? null, version };
  return { kind: 'overtaken', by: latest?.actor ?? 'somebody else', now, version };
}

const isTransient = (error: unknown) =>
  error instanceof ApiUnreachable || (error instanceof ApiProblem && [502, 503, 504].includes(error.problem.status));

/** See `Surroundings.send` of the outbox. */
export async function sendWrite(entry: Entry, version: string): Promise<Outcome> {
  let current = version;
  try {
    for (let round = 0; round < 5; round += 1) {
      try {
        return await attempt(entry, current);
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.problem.status !== 412) throw error;
        const outcome = await resolve(entry);
        if (outcome.kind !== 'again') return outcome;
        current = outcome.version;
      }
    }
    return { kind: 'refused', reason: 'The title changes faster than it can be answered. Try again.' };
  } catch (error) {
    if (isTransient(error)) throw new NotSent('The API cannot be reached', { cause: error });
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}
