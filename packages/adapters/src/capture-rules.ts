import lookUpZone from '@photostructure/tz-lookup';

// When a photo or video was taken, by what is written in it. Times are read as they are written; a time zone makes a wall clock of those in UTC.

/** A time as it is written: `ms` counts as if the clock were in UTC. */
export type WrittenTime = {
  ms: number;
  /** Minutes east of UTC, if they are written too. */
  offset?: number;
  isUtc?: true;
};

export type CaptureTime = { from: string; raw: string; time: WrittenTime };

export type Position = { latitude: number; longitude: number };

/** What is written in a file. */
export type CaptureTags = {
  /** Valid times, those first that count more. */
  times: CaptureTime[];
  /** By satellites, as if it were a wall clock. */
  satelliteMs: number | null;
  position: Position | null;
  camera: string | null;
  width: number | null;
  height: number | null;
  /** Seconds. */
  duration: number | null;
};

/** A wall clock at the place where a file was taken. */
export type Captured = {
  /** As `2019-05-03 10:11:12.5`. */
  at: string;
  /** Minutes east of UTC. */
  offset: number;
  from: string;
  raw: string;
};

export const noTags: CaptureTags = {
  times: [],
  satelliteMs: null,
  position: null,
  camera: null,
  width: null,
  height: null,
  duration: null,
};

const day = 86_400_000;
const minute = 60_000;
/** Of the first photograph. */
const firstYear = 1826;
const written =
  /^(\d{4})[:-](\d\d)[:-](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?\d\d)?(?: DST)?$/;

/** Reads a time such as `2019:05:03 10:11:12.5+02:00`. Undefined: nobody took anything then. */
export function readTime(
  text: string,
  { subseconds = '', offset = '' } = {},
  now = Date.now(),
): WrittenTime | undefined {
  const match = written.exec(text.trim().replaceAll('\0', ''));
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    date,
    hour = '0',
    minutes = '0',
    second = '0',
    fraction = subseconds.trim(),
    zone = offset.trim(),
  ] = match;
  const clock = [Number(hour), Number(minutes), Number(second)] as const;
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(date), ...clock);
  const isReal = new Date(ms)
    .toISOString()
    .startsWith(
      `${year}-${month}-${date}T${hour.padStart(2, '0')}:${minutes.padStart(2, '0')}:${second.padStart(2, '0')}`,
    );
  if (!isReal || !isPossible(ms, now)) return undefined;
  const known = offsetOf(zone);
  const fractionMs = /^\d+$/.test(fraction) ? Math.trunc(Number(`0.${fraction}`) * 1000) : 0;
  return { ms: ms + fractionMs, ...(known !== undefined && { offset: known }) };
}

/** A time with its parts, as they are written. */
export const rawOf = (text: string, { subseconds = '', offset = '' }) =>
  `${text}${subseconds && `.${subseconds}`}${offset && ` ${offset}`}`;

/** Whether something can have been taken then. Clocks that were never set show the beginning of their count. */
export function isPossible(ms: number, now = Date.now()): boolean {
  if (!(ms <= now + day)) return false;
  const year = new Date(ms).getUTCFullYear();
  return year >= firstYear && year !== 1904 && Math.floor(ms / minute) !== 0;
}

/** Minutes of `+02:00`, `+0200` or `Z`. */
function offsetOf(text: string): number | undefined {
  if (text === 'Z') return 0;
  const match = /^([+-])(\d\d):?(\d\d)$/.exec(text);
  if (!match) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return minutes <= 18 * 60 ? (match[1] === '-' ? -minutes : minutes) : undefined;
}

/** The minutes that clocks in a zone are ahead of UTC at a moment. */
export function offsetAt(zone: string, utc: number): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(utc);
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return offsetOf(name.slice('GMT'.length, 'GMT+00:00'.length)) ?? 0;
}

/** The same at a wall clock; where it shows a time twice, at the first of both. */
function offsetOfClock(zone: string, ms: number): number {
  const before = offsetAt(zone, ms - day);
  return offsetAt(zone, ms - before * minute) === before
    ? before
    : offsetAt(zone, ms - offsetAt(zone, ms + day) * minute);
}

/** The zone of a position; undefined: there is none, or it is what devices write that do not know it. */
function zoneAt(position: Position | null): string | undefined {
  if (!position) return undefined;
  const { latitude, longitude } = position;
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) || (latitude === 0 && longitude === 0))
    return undefined;
  const zone = lookUpZone(latitude, longitude);
  try {
    offsetAt(zone, 0);
    return zone;
  } catch {
    return undefined;
  }
}

/** Minutes by which a clock is ahead of satellites, which have the time of the last fix. */
function offsetFromSatellites(ms: number, satelliteMs: number | null): number | undefined {
  if (satelliteMs === null) return undefined;
  const difference = (ms - satelliteMs) / minute;
  const offset = Math.round(difference / 15) * 15;
  return Math.abs(difference - offset) <= 3 && offset >= -12 * 60 && offset <= 14 * 60 ? offset : undefined;
}

/** Where a time is from and what clocks showed there. `zone`: of files that name none. */
export function capturedAt(
  { from, raw, time }: CaptureTime,
  { position, satelliteMs }: Pick<CaptureTags, 'position' | 'satelliteMs'>,
  zone: string,
): Captured {
  const place = zoneAt(position);
  const offset =
    time.offset ??
    (time.isUtc
      ? offsetAt(place ?? zone, time.ms)
      : place
        ? offsetOfClock(place, time.ms)
        : (offsetFromSatellites(time.ms, satelliteMs) ?? offsetOfClock(zone, time.ms)));
  const local = time.isUtc ? time.ms + offset * minute : time.ms;
  return {
    at: new Date(local)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.?0*Z$/, ''),
    offset,
    from,
    raw,
  };
}

const inName =
  /(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?:(?:[-_ T.]+(?:at )?)?([01]\d|2[0-3])([-_.:h]?)([0-5]\d)\6([0-5]\d)(?:\d{3})?(?!\d)|(?!\d))/;

/** The date in the name of a file, as phones and messengers write it. */
export function timeInName(name: string, now = Date.now()): CaptureTime | undefined {
  const match = inName.exec(name);
  if (!match) return undefined;
  const [raw, year, , month, date, hour = '00', , minutes = '00', second = '00'] = match;
  const time = readTime(`${year}:${month}:${date} ${hour}:${minutes}:${second}`, {}, now);
  // Pixel phones write UTC.
  return time && { from: 'name', raw, time: { ...time, ...(name.startsWith('PXL_') && { isUtc: true as const }) } };
}

/** The time of a file on the disk. */
export function timeOfFile(mtimeNs: bigint, now = Date.now()): CaptureTime | undefined {
  const ms = Number(mtimeNs / 1_000_000n);
  if (!isPossible(ms, now)) return undefined;
  return { from: 'mtime', raw: new Date(ms).toISOString(), time: { ms, isUtc: true } };
}

/** What Google Takeout writes beside a file. */
export function readTakeout(text: string, now = Date.now()): Pick<CaptureTags, 'times' | 'position'> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const members = (of: unknown) => (typeof of === 'object' && of !== null ? (of as Record<string, unknown>) : {});
  const { photoTakenTime, geoData } = members(value);
  const raw = members(photoTakenTime).timestamp;
  const ms = /^-?\d{1,11}$/.test(String(raw)) ? Number(raw) * 1000 : Number.NaN;
  if (!isPossible(ms, now)) return undefined;
  const { latitude, longitude } = members(geoData);
  const isPlace = typeof latitude === 'number' && typeof longitude === 'number';
  return {
    times: [{ from: 'Takeout photoTakenTime', raw: String(raw), time: { ms, isUtc: true } }],
    position: isPlace ? { latitude, longitude } : null,
  };
}
