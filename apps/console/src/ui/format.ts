import { labels, mediaTypes, pipelineStatuses, rejectionStatuses } from '@at/contracts/vocabulary';
import { createPreference } from '#state/preferences.ts';

/**
 * Numbers and times in the user's locale; words, such as `3 days ago` and the names of countries, in English like the page.
 * An em dash stands for an unknown value.
 */

export const none = '—';

const english = 'en-GB';
const integers = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: 'compact', maximumFractionDigits: 1 });
const money = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'USD',
  notation: 'compact',
  maximumFractionDigits: 1,
});
const relatives = new Intl.RelativeTimeFormat(english, { numeric: 'auto', style: 'short' });

/** The default time zone. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const isZone = (value: unknown): value is string => {
  if (value === '') return true;
  try {
    return typeof value === 'string' && Boolean(new Intl.DateTimeFormat(undefined, { timeZone: value }));
  } catch {
    return false;
  }
};

/** The user's choice of time zone; empty: that of the browser. */
export const timeZone = createPreference('time-zone', '', isZone);

function inZone() {
  const zone = timeZone.get() || ownZone;
  return {
    zone,
    dates: new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: zone }),
    days: new Intl.DateTimeFormat('en-CA', { timeZone: zone }),
    clock: new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', timeZone: zone }),
    exactClock: new Intl.DateTimeFormat(undefined, {
      hour: 'numeric',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      timeZone: zone,
    }),
  };
}

let shown = inZone();
timeZone.subscribe(() => {
  shown = inZone();
});

type Known<T> = T | null | undefined;

export const formatInteger = (value: Known<number>) => (value == null ? none : integers.format(value));
/** `10,000+` for an estimate, which is the least that there are. */
export const formatTotal = (total: Known<number>, isEstimate = false) =>
  `${formatInteger(total)}${isEstimate ? '+' : ''}`;
export const formatCompact = (value: Known<number>) => (value == null ? none : compact.format(value));
/** One for each number of decimals: to make one takes as long as to use it forty times, and a list shows hundreds. */
const decimals: Intl.NumberFormat[] = [];

/** With this many decimals. */
export function formatDecimal(value: number, digits: number): string {
  decimals[digits] ??= new Intl.NumberFormat(undefined, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return decimals[digits].format(value);
}
export const formatMoney = (value: Known<number>) => (value == null ? none : money.format(value));

/** Bytes as `3.1 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = units[power] as (typeof units)[number];
  return (bytes / 1000 ** power).toLocaleString(undefined, {
    style: 'unit',
    unit,
    // "12 bytes" and "1.2 MB".
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power === 0 ? 0 : 1,
  });
}

/** Minutes as `1 h 47 min`. */
export function formatRuntime(minutes: Known<number>): string {
  if (minutes == null) return none;
  if (minutes < 0) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return [hours > 0 && `${hours} h`, (minutes % 60 > 0 || hours === 0) && `${minutes % 60} min`]
    .filter(Boolean)
    .join(' ');
}

/** Milliseconds as `320 ms`, or from one second `1.8 s`, `4 min`. */
export function formatDuration(ms: Known<number>): string {
  if (ms == null) return none;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${formatDecimal(ms / 1000, 1)} s`;
  const minutes = Math.round(ms / 60_000);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Milliseconds since 1970; NaN for a time without a date, such as `infinity`, or one that browsers do not know. */
export const timeOf = (at: string): number =>
  Date.parse(at.replace(/^\d{5,6}(?=-)/, (year) => `+${year.padStart(6, '0')}`));

/** Date, time and zone; the API's text for a time without a date. */
export function formatMoment(at: string): string {
  const time = timeOf(at);
  return Number.isNaN(time) ? at : `${shown.dates.format(time)} ${shown.zone}`;
}

/** The time of day with milliseconds. */
export const formatExactClock = (iso: string) => shown.exactClock.format(new Date(iso));

export const formatClock = (iso: string) => shown.clock.format(new Date(iso));

const units: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** Days since 1970 by the calendar of the zone. */
const dayOf = (time: number) => Date.parse(shown.days.format(time)) / 86_400_000;

/** `3 days ago`, by the calendar, relative to `now`; a dash for a time without a date. */
export function formatRelative(at: string, now: Date = new Date()): string {
  const time = timeOf(at);
  const seconds = (time - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return none;
  for (const [unit, size] of units) {
    if (Math.abs(seconds) < size) continue;
    return relatives.format(unit === 'day' ? dayOf(time) - dayOf(now.getTime()) : Math.trunc(seconds / size), unit);
  }
  return relatives.format(0, 'second');
}

/** Text of any direction, isolated so that it does not change the direction of its sentence. */
export const isolate = (text: string) => `\u2068${text}\u2069`;

/** What the API calls a caller without a name, which may be another window of the same user. */
export const unnamed = 'anonymous';

/** Who made a change, at the start of a sentence: a person only where the API knows a name. */
export function someone(actor: Known<string>): string {
  // It was made outside the API.
  if (actor === 'database') return 'Another program';
  return actor == null || actor === unnamed ? 'Another window or program' : isolate(actor);
}

/** The name of a title or item; a dash for one without a character. */
export const shownName = (name: string) => (name.trim() === '' ? none : name);

const knownWords = new Set<string>([...labels, ...mediaTypes, ...pipelineStatuses, ...rejectionStatuses]);

/** `would_watch` as `would watch`; a word that only the database has as it is. */
export const formatWord = (word: Known<string>) =>
  word == null ? none : knownWords.has(word) ? formatName(word) : word || '""';

/** The name of a column: `imdb_rating` as `imdb rating`. */
export const formatName = (name: string) => name.replaceAll('_', ' ');

const regions = new Intl.DisplayNames(english, { type: 'region', fallback: 'code' });
const languages = new Intl.DisplayNames(english, { type: 'language', fallback: 'code' });

/** The name of a two-letter country code, or the code itself if it has no name. */
export function formatCountry(code: string): string {
  return /^[A-Z]{2}$/.test(code) ? (regions.of(code) ?? code) : code;
}

export function formatLanguage(code: Known<string>): string {
  if (code == null) return none;
  return /^[a-z]{2}$/.test(code) ? (languages.of(code) ?? code) : code;
}
