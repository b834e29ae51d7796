import type { QueueSystems } from '@at/adapters/queue-systems';
import { type QueueStep, queueSteps } from '@at/contracts/vocabulary';

/** The steps of items, and what is read from the name of a file and written into one. */

export const itemSubject = 'queue_item';

/** All steps that this installation can do: without a media server an item rests in the library. */
export const allSteps = ({ server }: Pick<QueueSystems, 'server'>): QueueStep[] =>
  queueSteps.filter((step) => step !== 'publish' || server !== null);

const folderVariables = ['QUEUE_WATCH_PATH', 'QUEUE_LIBRARY_PATH', 'QUEUE_UNPROCESSED_PATH'];

/** The variables that each step needs and does not find. */
export const missingSettings: Record<QueueStep | 'remove_file' | 'restore_file', (systems: QueueSystems) => string[]> =
  {
    extract: ({ folders }) => (folders ? [] : folderVariables),
    metadata: ({ provider }) => (provider ? [] : ['QUEUE_PROVIDER_URL']),
    move: ({ folders }) => (folders ? [] : folderVariables),
    publish: ({ server }) => (server ? [] : ['MEDIA_SERVER_URL', 'MEDIA_SERVER_API_KEY']),
    remove_file: ({ folders }) => (folders ? [] : folderVariables),
    restore_file: ({ folders }) => (folders ? [] : folderVariables),
  };

const code = /(?<![A-Za-z])[A-Za-z]{2,6}-[0-9]{1,5}(?![0-9])/;

/** The first code in the name of a file, without its extension: two to six letters, a hyphen and one to five digits. */
export const codeOf = (stem: string): string | undefined => code.exec(stem)?.[0].toUpperCase();

const subtitles: [tag: string, words: RegExp][] = [
  ['English Sub', /english|(?<![a-z])eng(?![a-z])/i],
  ['Chinese Sub', /chinese|(?<![a-z])(chi|chn|chs|cht)(?![a-z])|中文|字幕/i],
  ['Korean Sub', /korean|(?<![a-z])kor(?![a-z])|한글|한국/i],
  ['Japanese Sub', /japanese|(?<![a-z])(jpn|jap)(?![a-z])|日本語/i],
];

/** The language of the subtitles that the name of a file promises: the first of the list. Letters of the code do not count. */
export function subtitleOf(stem: string): string {
  const rest = stem.replace(code, ' ');
  return subtitles.find(([, words]) => words.test(rest))?.[0] ?? 'No Sub';
}

/** Characters of a name, with its extension. File systems take 255 bytes, too. */
const longestName = 200;
const mostBytes = 255;
/** Room for ` (99)`, which the mover adds to a name that is taken. */
const roomForNumber = 5;

/** What may stand in a name on any file system, without leading and trailing dots and spaces. */
export function cleanName(text: string): string {
  return (
    text
      .normalize('NFC')
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
      .replace(/[\u0000-\u001f\u007f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]/g, ' ')
      .replace(/\s+/g, ' ')
      .replace(/^[. ]+|[. ]+$/g, '')
  );
}

/** The beginning of a text that keeps to both limits, cut between characters. */
function shortened(text: string, characters: number, bytes: number): string {
  let kept = '';
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    if ([...kept, ...segment].length > characters || Buffer.byteLength(kept + segment) > bytes) break;
    kept += segment;
  }
  return kept.replace(/[. ]+$/, '');
}

/** The directory of a performer; `existing`: the directories of the library, of which one that differs in case alone is taken. */
export function folderOf(actress: string | null, existing: readonly string[]): string {
  const name = shortened(cleanName(actress ?? ''), 100, mostBytes) || 'Unknown';
  const folded = (text: string) => text.normalize('NFC').toLowerCase();
  return existing.includes(name) ? name : (existing.find((one) => folded(one) === folded(name)) ?? name);
}

export type NamedItem = {
  movie_code: string;
  actress: string | null;
  subtitle: string | null;
  title: string;
  /** With its dot. */
  extension: string;
};

/** `{Performer} - [{Sub}] {CODE} {Title}.{ext}`, of which the title is shortened first. */
export function fileNameOf({ movie_code, actress, subtitle, title, extension }: NamedItem): string {
  const performer = shortened(cleanName(actress ?? ''), 60, 120) || 'Unknown';
  const begin = `${performer} - [${subtitle ?? 'No Sub'}] ${movie_code}`;
  const ending = extension.toLowerCase();
  const room = {
    characters: longestName - roomForNumber - [...begin].length - 1 - ending.length,
    bytes: mostBytes - roomForNumber - Buffer.byteLength(begin) - 1 - Buffer.byteLength(ending),
  };
  const rest = shortened(cleanName(title), room.characters, room.bytes);
  return `${begin}${rest && ` ${rest}`}${ending}`;
}

/** A path in front of its extension, and that. */
export function splitPath(path: string): [stem: string, extension: string] {
  const [, stem = path, extension = ''] = /^(.*[^/])(\.[^./]*)$/s.exec(path) ?? [];
  return [stem, extension];
}

/** Whether a path is the wanted one, or has the number of a name that was taken. */
export function isNumbered(path: string, wanted: string): boolean {
  const [stem, extension] = splitPath(wanted);
  const [own, ownExtension] = splitPath(path);
  const isOfStem = own === stem || (own.startsWith(`${stem} (`) && /^ \([1-9]\d*\)$/.test(own.slice(stem.length)));
  return isOfStem && ownExtension === extension;
}

const extensions = new Set(['.mp4', '.mkv', '.avi', '.wmv']);

/** The parts of the name of a video that the queue takes; undefined: it takes no such file. */
export function videoNameOf(name: string): { stem: string; extension: string } | undefined {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot);
  if (dot < 1 || name.startsWith('.') || !extensions.has(extension.toLowerCase())) return undefined;
  return { stem: name.slice(0, dot), extension };
}
