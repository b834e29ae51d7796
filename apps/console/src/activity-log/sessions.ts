import { timeOf } from '#ui/format.ts';
import { type Entry, withoutRepeats } from './describe-activity.ts';

/** Changes of one user without a long pause between them, newest first. */
export type Session = { actor: string; verified: boolean; entries: Entry[] };

/** Milliseconds without a change that end a session, as for labelling sessions. */
const pause = 30 * 60_000;

/** Groups changes, newest first, by who made them without a pause; users who work at the same time have a session each. */
export function sessionsOf(rows: Parameters<typeof withoutRepeats>[0]): Session[] {
  const sessions: Session[] = [];
  for (const entry of withoutRepeats(rows)) {
    const { actor, actor_verified: verified, at } = entry.row;
    const own = sessions.findLast((one) => one.actor === actor && one.verified === verified);
    const earliest = own?.entries.at(-1);
    if (own && earliest && timeOf(earliest.row.at) - timeOf(at) < pause) own.entries.push(entry);
    else sessions.push({ actor, verified, entries: [entry] });
  }
  return sessions;
}
