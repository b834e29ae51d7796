import { type SqlBool, sql } from 'kysely';

/**
 * What counts as a decision, wherever decisions are counted or their titles listed: conditions on a row `e` of
 * console.label_event.
 */

/** A person's answer: it changed more than the anomalous flag, and is no undo. */
export const isDecision = sql<SqlBool>`(e.action <> 'undo' and e.before - 'anomalous' <> e.after - 'anomalous')`;

export const isUndone = sql<SqlBool>`exists (select from console.label_event as u where u.undoes = e.event_id)`;
