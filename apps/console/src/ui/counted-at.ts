import { formatClock } from './format.ts';

/** Figures that the API had counted before they were requested: every page says so in these words. */

/** When they were counted, if that is so long ago that a reader should know; else null. `age`: seconds. */
export const countedAt = (age: number) => (age < 2 ? null : new Date(Date.now() - age * 1000).toISOString());

/** `Counted at 10:03:00.`; empty for null. */
export const sayCountedAt = (moment: string | null | undefined) => (moment ? `Counted at ${formatClock(moment)}.` : '');
