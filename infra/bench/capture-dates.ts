import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CaptureTiers, openCaptureReader } from '@at/adapters/capture-date';
import { avi, heic, jpeg, movie, png, tag } from '@at/adapters/test/captures';
import { type Bench, median } from './measure.ts';
import { number, table } from './table.ts';

// When photos and videos were taken: the quick readers with ExifTool behind them, beside ExifTool alone.

/** Files that are read at once, as in a scan. */
const atOnce = 3;

/** Of a hundred files, 60 are JPEG, 20 HEIC, 9 PNG and 10 MOV, and one is an AVI, whose date only ExifTool knows. */
function makePhoto(n: number): Buffer {
  const date = `2019:05:${String(1 + (n % 28)).padStart(2, '0')} 23:30:05`;
  const exif = { main: { [tag.model]: 'Pixel 5' }, exif: { [tag.original]: date } };
  const part = n % 100;
  if (part < 60) return jpeg(exif);
  if (part < 80) return heic(exif);
  if (part < 89) return png({ exif });
  if (part < 99) return movie({ keys: { 'com.apple.quicktime.creationdate': '2019-05-03T23:30:05+0200' } });
  return avi('Fri May 03 23:30:05 2019');
}

/** Prints how many files a second each reads. ExifTool alone reads one file in twenty. */
export async function measureDates(bench: Bench, count: number, rounds: number): Promise<void> {
  const directory = join(bench.directory, 'dates');
  mkdirSync(directory);
  const paths = Array.from({ length: count }, (_, n) => {
    const path = join(directory, `${n}`);
    writeFileSync(path, makePhoto(n));
    return Buffer.from(path);
  });
  const round = async (tiers: CaptureTiers, some: Buffer[]): Promise<number> => {
    const reader = openCaptureReader({ tiers });
    // Until ExifTool runs.
    await reader.read(paths[99] as Buffer);
    const began = performance.now();
    let next = 0;
    const work = async () => {
      for (let path = some[next++]; path; path = some[next++]) {
        const { times } = await reader.read(path);
        if (times.length === 0) throw new Error(`No date was found in ${path}.`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    return (1000 * some.length) / (performance.now() - began);
  };
  const others = bench.watchOthers();
  const found = { both: [] as number[], alone: [] as number[] };
  for (let n = 0; n < rounds; n += 1) {
    found.both.push(await round('both', paths));
    const some = paths.filter((_, i) => Math.floor(i / 5) % 20 === n);
    found.alone.push(await round('exiftool', some));
  }
  rmSync(directory, { recursive: true });
  const [both, alone] = [median(found.both), median(found.alone)];
  console.log(`### Capture dates of ${number(count, 0)} photos and videos\n`);
  table(
    ['what', 'files per second', 'of ExifTool alone'],
    [
      ['quick readers, and ExifTool for one file in a hundred', number(both, 0), number(both / alone, 1)],
      ['ExifTool alone, two processes', number(alone, 0), number(1, 1)],
    ],
  );
  console.log(`Other work used ${number(100 * others(), 0)} % of the machine's CPU.\n`);
}
