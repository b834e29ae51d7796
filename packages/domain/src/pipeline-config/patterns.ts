/** Patterns of names with {placeholders}. */

const placeholder = /\{([^{}]*)\}/g;

/** The names of the placeholders in a pattern; undefined: a brace is unpaired, or a placeholder is unknown. */
function placeholdersOf(pattern: string, known: Record<string, RegExp>): string[] | undefined {
  if (/[{}]/.test(pattern.replace(placeholder, ''))) return undefined;
  const names = [...pattern.matchAll(placeholder)].map(([, written = '']) => {
    const [name = '', ...format] = written.split(':');
    return Object.hasOwn(known, name) && known[name]?.test(format.join(':')) && format.length < 2 ? name : undefined;
  });
  return names.every((name) => name !== undefined) ? names : undefined;
}

/** `03d`, as Python writes it; empty: no zeros. */
const zeros = /^(0[1-9]d|d|)$/;
const plain = /^$/;

const named = { index: zeros, date: plain };
/** Why a pattern cannot name batches; undefined: it can. */
export function nameFault(pattern: string): string | undefined {
  const names = placeholdersOf(pattern, named);
  if (!names) return 'has a brace that does not belong to {index}, {index:03d} or {date}';
  if (!names.includes('index')) return 'needs {index}, so that each batch has a name of its own';
  const letters = pattern.replace(placeholder, '');
  if (!/\p{L}/u.test(letters)) return 'needs a letter: digits alone are an id';
  if (/[/\\]/.test(letters)) return 'must not contain / or \\';
  if (/^[.~]/.test(pattern)) return 'must not begin with . or ~';
  if (/[. ]$/.test(pattern)) return 'must not end with a dot or a space';
  return undefined;
}

const filed = { year: zeros, month: zeros, day: zeros, hour: zeros, camera: plain, kind: plain };
/** Why a pattern cannot name folders of the archive; undefined: it can. */
export function folderFault(pattern: string): string | undefined {
  const names = placeholdersOf(pattern, filed);
  if (!names) {
    return 'has a brace that does not belong to {year}, {month:02d}, {day:02d}, {hour:02d}, {camera} or {kind}';
  }
  if (names.length === 0) return 'needs {year} or another placeholder: all files would be in one folder';
  if (pattern.includes('\\')) return 'must not contain \\';
  const parts = pattern.split('/');
  if (parts.some((part) => part === '')) return 'must not begin or end with /, or have two in a row';
  if (parts.some((part) => /^\.|[. ]$/.test(part))) {
    return 'has a folder that begins with a dot, or ends with a dot or a space';
  }
  return undefined;
}

/** What a folder is named by. */
export type FolderFacts = { captured: string; camera: string | null; kind: string };

/** The most bytes of the name of a folder. */
const longestFolder = 255;

/** A value of a file as the name of a folder: without what paths mean, and without what ends or hides a name. */
function nameOfValue(value: string): string {
  const plain = value
    .normalize('NFC')
    .replace(/[/\\\p{C}]+/gu, ' ')
    .trim()
    .replace(/^[.~ ]+|[. ]+$/g, '');
  return Array.from(plain).slice(0, 50).join('').trimEnd() || 'unknown';
}

/** The folders of a file, from the top of the archive, by a pattern without a fault. `captured` begins as `2019-05-03 23`. */
export function foldersOf(pattern: string, { captured, camera, kind }: FolderFacts): string[] {
  const fault = folderFault(pattern);
  if (fault) throw new Error(`sorter.folder_pattern ${fault}.`);
  const [year = '', month = '', day = '', hour = ''] = captured.split(/[- :]/);
  const numbers: Record<string, string> = { year, month, day, hour };
  const texts: Record<string, string> = { camera: nameOfValue(camera ?? ''), kind: nameOfValue(kind) };
  const filled = pattern.replace(placeholder, (_, written: string) => {
    const [name = '', format = ''] = written.split(':');
    if (name in texts) return texts[name] as string;
    return String(Number(numbers[name])).padStart(Number(/^0([1-9])d$/.exec(format)?.[1] ?? 1), '0');
  });
  const folders = filled.split('/');
  for (const folder of folders)
    if (/^\.|[. ]$|^$/.test(folder) || Buffer.byteLength(folder) > longestFolder)
      throw new Error(`sorter.folder_pattern makes a folder named "${folder}". Change it.`);
  return folders;
}
