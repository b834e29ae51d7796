import {
  type FlagValues,
  listTrainingHistory,
  setReviewed,
  undoLabel,
  updateTraining,
  wouldNotWatch,
  wouldWatch,
} from '@at/contracts/labels';
import { getTraining, type TrainingRow } from '@at/contracts/training';
import { ApiProblem, ApiUnreachable, call } from '#api/call.ts';
import { currentServerInfo } from '#api/server-info.ts';
import { type Entry, flagsAfter, flagsBefore, type Moved, NotSent, type Outcome, sameFlags } from './outbox.ts';

/** Sends one write of the outbox to the API and returns its outcome. */

export const flagsOf = ({ label, human_labeled, anomalous, reviewed }: TrainingRow): FlagValues => ({
  label,
  human_labeled,
  anomalous,
  reviewed,
});

/** A proxy that compresses marks the tag as weak; the version in it is the same. */
const versionOf = (etag: string | null) => etag?.replace(/^W\//, '').replaceAll('"', '') ?? '';

/**
 * The event to undo if its number is unknown, such as after a reload before the reply: the title's latest
 * event that is not undone, if it led from the flags to restore to those that the user saw.
 */
async function findEvent({ imdb_id, seen }: Entry, undone: FlagValues): Promise<number | null> {
  const { data: history } = await call(listTrainingHistory, { params: { imdb_id } });
  const latest = history.data.find(({ action, undone_by }) => action !== 'undo' && undone_by === null);
  if (!latest) return null;
  return sameFlags(flagsBefore(seen, latest.changes), undone) ? latest.event_id : null;
}

async function attempt(entry: Entry, version: string): Promise<Outcome | Moved> {
  const { imdb_id, write, decisionMs, shown } = entry;
  const decision = {
    ...(decisionMs === undefined ? {} : { decision_ms: decisionMs }),
    ...(shown === undefined ? {} : { shown }),
  };
  const args = { params: { imdb_id }, ifMatch: `"${version}"`, idempotencyKey: entry.id };
  if (write.kind === 'undo') {
    // The write changed nothing.
    if (sameFlags(entry.seen, write.undone)) return { kind: 'saved', eventId: null, version };
    const eventId = write.eventId ?? (await findEvent(entry, write.undone));
    if (eventId === null) {
      const outcome = await resolve(entry);
      return outcome.kind === 'moved'
        ? { kind: 'refused', reason: 'Its history does not name the change to undo. Label it again.' }
        : outcome;
    }
    const { data, etag } = await call(undoLabel, { ...args, body: { event_id: eventId, ...decision } });
    return { kind: 'saved', eventId: data.event_id, version: versionOf(etag), notes: data.not_restored };
  }
  const send = () => {
    switch (write.kind) {
      case 'confirm':
        return call(setReviewed, { ...args, body: { imdb_id, ...decision } });
      case 'anomalous':
        return call(updateTraining, { ...args, body: { imdb_id, anomalous: write.value, ...decision } });
      case 'relabel':
        return call(updateTraining, { ...args, body: { imdb_id, label: write.label, ...decision } });
      case 'answer':
        return call(write.label === 'would_watch' ? wouldWatch : wouldNotWatch, { ...args, body: decision });
    }
  };
  const { data, etag } = await send();
  // Without file deletion every title would cause this warning.
  const removesFiles = currentServerInfo()?.configured.files !== false;
  const notes = removesFiles && data.file_deletion_warning ? [data.file_deletion_warning] : [];
  return { kind: 'saved', eventId: data.event_id, version: versionOf(etag), notes };
}

/** The title has another version than the user saw: finds out whether its flags changed. */
async function resolve(entry: Entry): Promise<Outcome | Moved> {
  const { imdb_id } = entry;
  const { data: title } = await call(getTraining, { params: { imdb_id } });
  const now = flagsOf(title);
  const version = title.updated_at;
  // Only other columns have changed, such as a rating.
  if (sameFlags(now, entry.seen)) return { kind: 'moved', version };
  // Another user made the same decision.
  if (sameFlags(now, flagsAfter(entry.seen, entry.write))) return { kind: 'saved', eventId: null, version };
  const { data: history } = await call(listTrainingHistory, { params: { imdb_id } });
  return { kind: 'overtaken', by: history.data[0]?.actor, now, version };
}

/** 401: the write waits until a user has signed in. */
const isTransient = (error: unknown) =>
  error instanceof ApiUnreachable ||
  (error instanceof ApiProblem && [401, 502, 503, 504].includes(error.problem.status));

/** The `send` of `OutboxDeps`. */
export async function sendWrite(entry: Entry, version: string): Promise<Outcome | Moved> {
  try {
    try {
      return await attempt(entry, version);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.status !== 412) throw error;
      return await resolve(entry);
    }
  } catch (error) {
    if (isTransient(error)) throw new NotSent('The API cannot be reached', { cause: error });
    throw error;
  }
}
