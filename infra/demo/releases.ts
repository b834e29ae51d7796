import { createHash } from 'node:crypto';
import { operatingThreshold, type Title } from './household.ts';
import { type Random, seededRandom } from './random.ts';

type PipelineStatus =
  | 'ingested'
  | 'paused'
  | 'parsed'
  | 'rejected'
  | 'file_accepted'
  | 'metadata_collected'
  | 'media_accepted'
  | 'downloading'
  | 'downloaded'
  | 'transferred'
  | 'complete';

/** A row of `atp.media`; times are seconds before the load. */
export type Release = {
  hash: string;
  media_type: 'movie' | 'tv_show' | 'tv_season' | 'tv_episode_pack' | 'unknown';
  media_title: string | null;
  season: number | null;
  episode: number | null;
  release_year: number | null;
  pipeline_status: PipelineStatus;
  error_status: boolean;
  error_condition: string | null;
  rejection_status: 'unfiltered' | 'accepted' | 'rejected' | 'override';
  rejection_reason: string | null;
  parent_path: string | null;
  target_path: string | null;
  original_title: string;
  original_path: string | null;
  original_link: string | null;
  rss_source: 'yts.mx' | 'episodefeed.com' | null;
  uploader: string | null;
  imdb_id: string | null;
  resolution: string | null;
  video_codec: string | null;
  upload_type: string | null;
  audio_codec: string | null;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
};

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

type Format = Pick<Release, 'resolution' | 'video_codec' | 'upload_type' | 'audio_codec' | 'uploader'>;

/** What the name of a release contains. */
type Subject = Pick<Release, 'media_type' | 'media_title' | 'season' | 'episode' | 'release_year'>;

/** The progress of a release; omitted fields mean that nothing has stopped it. */
type Fate = Pick<Release, 'pipeline_status' | 'created_at' | 'updated_at'> & {
  rejection_status?: Release['rejection_status'];
  rejection_reason?: string;
  error_condition?: string;
  imdb_id?: string;
  deleted_at?: number;
  format?: Partial<Format>;
};

const unfiltered: readonly PipelineStatus[] = ['ingested', 'paused', 'parsed'];

/** The path of a torrent's files, for statuses that have files. */
const cacheFolders: Partial<Record<PipelineStatus, string>> = {
  downloading: '/downloads/incomplete',
  downloaded: '/downloads/complete',
  transferred: '/downloads/complete',
  complete: '/downloads/complete',
};

function acceptableFormat(random: Random): Format {
  return {
    resolution: random.pick(['1080p', '1080p', '1080p', '2160p']),
    video_codec: random.pick(['x264', 'x265']),
    upload_type: random.pick(['BluRay', 'WEBRip', 'WEB-DL']),
    audio_codec: random.pick(['AAC', 'AAC5.1', 'DDP5.1', 'DTS']),
    uploader: random.pick(['demo-north', 'demo-south', 'demo-east']),
  };
}

const twoDigits = (value: number) => String(value).padStart(2, '0');

/** `S02E05`, `S02`, or empty for films. */
const numbering = ({ season, episode }: Subject) =>
  (season === null ? '' : `S${twoDigits(season)}`) + (episode === null ? '' : `E${twoDigits(episode)}`);

/** The row of the `number`th release. Fields are set from the status on at which the pipeline knows them. */
function makeRelease(number: number, subject: Subject, fate: Fate, random: Random): Release {
  const { media_type, media_title, release_year } = subject;
  const { pipeline_status, imdb_id = null } = fate;
  const { uploader, ...quality } = { ...acceptableFormat(random), ...fate.format };
  const isMovie = media_type === 'movie';
  const marks = [quality.resolution, quality.upload_type, quality.video_codec, quality.audio_codec];
  // Titles may contain characters that file names may not.
  const folder = media_title?.replace(/[\\/:*?"<>|]/g, '') ?? `demo upload ${number}`;
  const place = isMovie ? `${folder} (${release_year})` : `${folder}/${numbering(subject)}`;
  const original_title = isMovie
    ? `${place} ${marks.map((mark) => `[${mark}]`).join(' ')}`
    : [folder, numbering(subject), ...(media_title === null ? [] : marks)].filter(Boolean).join(' ');
  // The hash of a sentence: no torrent has it, so the link leads nowhere.
  const hash = createHash('sha1').update(`demo catalogue release ${number}`).digest('hex');
  const cacheFolder = cacheFolders[pipeline_status];
  const hasPlace = cacheFolder !== undefined || pipeline_status === 'media_accepted';
  const isParsed = media_title !== null && (pipeline_status !== 'ingested' || imdb_id !== null);
  const whenParsed = <T extends object>(fields: T) =>
    isParsed ? fields : (Object.fromEntries(Object.keys(fields).map((key) => [key, null])) as { [K in keyof T]: null });
  return {
    hash,
    media_type,
    ...whenParsed({ media_title, season: subject.season, episode: subject.episode, release_year }),
    pipeline_status,
    error_status: fate.error_condition !== undefined,
    error_condition: fate.error_condition ?? null,
    rejection_status:
      fate.rejection_status ??
      (pipeline_status === 'rejected' ? 'rejected' : unfiltered.includes(pipeline_status) ? 'unfiltered' : 'accepted'),
    rejection_reason: fate.rejection_reason ?? null,
    parent_path: hasPlace ? `/library/${isMovie ? 'movies' : 'tv'}` : null,
    target_path: hasPlace ? place : null,
    original_title,
    original_path: cacheFolder ? `${cacheFolder}/${place}` : null,
    original_link: `magnet:?xt=urn:btih:${hash}`,
    rss_source: isMovie ? 'yts.mx' : media_title === null ? null : 'episodefeed.com',
    uploader,
    imdb_id,
    ...whenParsed(quality),
    created_at: fate.created_at,
    updated_at: fate.updated_at,
    deleted_at: fate.deleted_at ?? null,
  };
}

/** Errors that can stop a release. */
const errorsAt: Partial<Record<PipelineStatus, readonly ((subject: Subject) => string)[]>> = {
  ingested: [() => 'feed: the entry could not be read again, HTTP 503 Service Unavailable after 3 attempts'],
  parsed: [() => 'file list not received within 600 s: no peer has the torrent metadata'],
  file_accepted: [
    ({ media_title, release_year }) => `metadata search: no result for "${media_title}" (${release_year})`,
    () => 'metadata search: HTTP 429 Too Many Requests, gave up after 5 attempts',
    ({ media_title, release_year }) => `metadata search: 3 results for "${media_title}" (${release_year}), none exact`,
  ],
  metadata_collected: [
    () => 'prediction: the model endpoint did not answer within 30 s',
    () => 'ratings: HTTP 503 Service Unavailable, gave up after 5 attempts',
  ],
  media_accepted: [
    () => 'Transmission: connection refused, torrent not added',
    () => 'Transmission: torrent-add answered "invalid or corrupt torrent file"',
  ],
  downloading: [() => 'tracker: unregistered torrent', () => 'no data received for 24 h: 0 of 0 seeds connected'],
  downloaded: [
    () => 'transfer: no space left on device',
    () => 'transfer: checksum of the copy differs from the source',
  ],
  transferred: [() => 'cleanup: torrent-remove timed out after 5 s'],
};

/** Formats that the file filter rejects, with the reasons. */
const refusals: readonly { format: Partial<Format>; rejection_reason: string }[] = [
  { format: { resolution: '720p' }, rejection_reason: 'resolution 720p below 1080p' },
  { format: { uploader: 'demo-elsewhere' }, rejection_reason: 'uploader demo-elsewhere not in allowed list' },
  { format: { upload_type: 'CAM' }, rejection_reason: 'upload_type CAM not in allowed list' },
  { format: { resolution: '480p' }, rejection_reason: 'resolution 480p below 1080p' },
  { format: { video_codec: 'XviD' }, rejection_reason: 'video_codec XviD not in allowed list' },
];

/** Number of films at a status and their maximum age; `titleKnown`: after the metadata search. */
const underWay: readonly { status: PipelineStatus; count: number; within: number; titleKnown: boolean }[] = [
  { status: 'ingested', count: 26, within: 3 * hour, titleKnown: false },
  { status: 'paused', count: 10, within: 20 * day, titleKnown: false },
  { status: 'parsed', count: 20, within: 6 * hour, titleKnown: false },
  { status: 'file_accepted', count: 20, within: 12 * hour, titleKnown: false },
  { status: 'media_accepted', count: 16, within: day, titleKnown: true },
  { status: 'downloading', count: 14, within: 3 * day, titleKnown: true },
  { status: 'downloaded', count: 10, within: 2 * day, titleKnown: true },
  { status: 'transferred', count: 8, within: 2 * day, titleKnown: true },
];

type Scored = { title: Title; probability: number };

/**
 * Releases in every pipeline state: of the catalogue's films, of series with invented names, and of uploads with
 * meaningless names. `probabilities` has the order of `titles`.
 */
export function makeReleases(titles: readonly Title[], probabilities: readonly number[]): Release[] {
  const random = seededRandom(5);
  const releases: Release[] = [];
  const add = (subject: Subject, fate: Fate) => {
    releases.push(makeRelease(releases.length + 1, subject, fate, random));
  };
  const film = ({ media_title, release_year }: Title): Subject => ({
    media_type: 'movie',
    media_title,
    season: null,
    episode: null,
    release_year,
  });
  /** Arrival of the release that created the title, some minutes before its metadata was complete. */
  const before = (title: Title) => title.created_at + random.between(3 * minute, 20 * minute);
  /** A random arrival in the span, and a later change. */
  const lately = (within: number) => {
    const created_at = random.between(2 * minute, within);
    return { created_at, updated_at: random.between(minute, created_at - 1) };
  };
  /** Every fifth release at a status has an error. */
  const errorFor = (status: PipelineStatus, subject: Subject, position: number) => {
    const errors = errorsAt[status];
    const error = position % 5 === 2 && errors?.[Math.floor(position / 5) % errors.length];
    return error ? { error_condition: error(subject) } : {};
  };

  const complete = (title: Title, more: Partial<Fate> = {}) =>
    add(film(title), {
      pipeline_status: 'complete',
      imdb_id: title.imdb_id,
      created_at: before(title),
      updated_at: title.created_at - random.between(20 * minute, 12 * hour),
      ...more,
    });
  const rejectUnlikely = ({ title, probability }: Scored) =>
    add(film(title), {
      pipeline_status: 'rejected',
      // Rounded down, so that it never equals the threshold.
      rejection_reason: `probability ${(Math.floor(probability * 100) / 100).toFixed(2)} below threshold ${operatingThreshold}`,
      imdb_id: title.imdb_id,
      created_at: before(title),
      updated_at: title.created_at - random.between(20, 100),
    });

  const scored = titles.map((title, i): Scored => ({ title, probability: probabilities[i] as number }));
  const isLikely = ({ probability }: Scored) => probability >= operatingThreshold;

  // Unreviewed titles passed the pipeline recently; unlabelled ones wait for the model.
  for (const entry of scored.filter(({ title }) => !title.reviewed && title.label !== null)) {
    if (isLikely(entry)) complete(entry.title);
    else rejectUnlikely(entry);
  }
  const waiting = titles.filter(({ label }) => label === null);
  waiting.forEach((title, position) => {
    add(film(title), {
      pipeline_status: 'metadata_collected',
      imdb_id: title.imdb_id,
      ...errorFor('metadata_collected', film(title), position),
      created_at: before(title),
      updated_at: title.created_at,
    });
  });

  // Each reviewed title is used at most once.
  let untaken = random.shuffle(scored.filter(({ title }) => title.reviewed));
  const take = (count: number, fits: (entry: Scored) => boolean = () => true): Scored[] => {
    const taken = untaken.filter(fits).slice(0, count);
    if (taken.length < count)
      throw new Error(`Only ${taken.length} of ${count} titles fit; releases.ts requests too many.`);
    untaken = untaken.filter((entry) => !taken.includes(entry));
    return taken;
  };
  const isLiked = ({ title }: Scored) => title.label === 'would_watch';
  const isWanted = (entry: Scored) => isLikely(entry) && isLiked(entry);

  for (const { title } of take(115, isWanted)) complete(title);
  for (const { title } of take(12, (entry) => isLikely(entry) && !isLiked(entry))) {
    const deleted_at = random.between(hour, title.created_at - 13 * hour);
    complete(title, {
      rejection_status: 'rejected',
      rejection_reason: 'user deletion',
      updated_at: deleted_at,
      deleted_at,
    });
  }
  for (const entry of take(45, (entry) => !isLikely(entry) && !isLiked(entry))) rejectUnlikely(entry);

  // Overridden by a person; two of them start again.
  const overridden = take(17, (entry) => !isLikely(entry) && isLiked(entry));
  overridden.forEach(({ title }, position) => {
    if (position < 12) complete(title, { rejection_status: 'override' });
    else {
      const pipeline_status = position < 15 ? 'downloading' : 'ingested';
      add(film(title), { pipeline_status, rejection_status: 'override', imdb_id: title.imdb_id, ...lately(2 * day) });
    }
  });

  for (const { status, count, within, titleKnown } of underWay) {
    take(count, titleKnown ? isWanted : undefined).forEach(({ title }, position) => {
      add(film(title), {
        pipeline_status: status,
        ...(titleKnown ? { imdb_id: title.imdb_id } : {}),
        ...errorFor(status, film(title), position),
        ...lately(within),
      });
    });
  }

  take(80).forEach(({ title }, position) => {
    const created_at = random.between(hour, 90 * day);
    add(film(title), {
      pipeline_status: 'rejected',
      ...refusals[position % refusals.length],
      created_at,
      updated_at: created_at - random.between(30, 300),
    });
  });

  // The catalogue has no series, so the metadata search finds none; later statuses were overridden by hand.
  const seriesTypes = ['tv_show', 'tv_season', 'tv_episode_pack'] as const;
  for (let i = 0; i < 48; i += 1) {
    const media_type = seriesTypes[i % seriesTypes.length] as (typeof seriesTypes)[number];
    const media_title = `Demo Series ${twoDigits((i % 12) + 1)}`;
    const fates: Omit<Fate, 'created_at' | 'updated_at'>[] = [
      { pipeline_status: 'ingested' },
      { pipeline_status: 'parsed' },
      { pipeline_status: 'paused' },
      { pipeline_status: 'rejected', ...(refusals[0] as (typeof refusals)[number]) },
      { pipeline_status: 'rejected', ...(refusals[1] as (typeof refusals)[number]) },
      { pipeline_status: 'file_accepted', error_condition: `metadata search: no result for "${media_title}"` },
      { pipeline_status: 'complete', rejection_status: 'override' },
      { pipeline_status: 'downloading', rejection_status: 'override' },
    ];
    add(
      {
        media_type,
        media_title,
        season: random.between(1, 5),
        episode: media_type === 'tv_show' ? random.between(1, 12) : null,
        release_year: null,
      },
      { ...(fates[i % fates.length] as (typeof fates)[number]), ...lately(10 * day) },
    );
  }

  for (let i = 0; i < 14; i += 1) {
    add(
      { media_type: 'unknown', media_title: null, season: null, episode: null, release_year: null },
      {
        ...(i % 2 === 0
          ? {
              pipeline_status: 'ingested',
              error_condition: 'release name could not be parsed: neither a year nor a season found',
            }
          : { pipeline_status: 'rejected', rejection_reason: 'media_type unknown not in allowed list' }),
        ...lately(30 * day),
      },
    );
  }
  return releases;
}
