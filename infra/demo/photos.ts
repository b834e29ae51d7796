import { hash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { cr3, type Exif, heic, jpeg, movie, png, tag } from '@at/adapters/test/captures';
import { landscape } from '@at/adapters/test/pictures';
import { createDb, createPool } from '@at/db/client';
import type { Connection } from '@at/db/connection';
import { makePlaces } from '@at/domain/files/make-places';
import { findPlaces } from '@at/domain/files/places';
import { findConfig } from '@at/domain/pipeline-config/queries';
import { importConfig } from '@at/domain/pipeline-config/writes';

/**
 * Photos and videos of the demo, made here: two phones and a camera of an imaginary household, with what such folders really have
 * (live photos, RAW beside JPG, sidecars, copies of copies, broken dates, names in other encodings). The pictures are drawn.
 */

/** The time on the wall where the photo was taken. */
type Clock = `${number}-${string}-${string}T${string}:${string}:${string}`;

const colons = (at: string) => at.slice(0, 19).replace('T', ' ').replaceAll('-', ':');

/** The same values have the same picture. */
const hueOf = (of: unknown) => hash('sha256', JSON.stringify(of), 'buffer').readUInt16BE() % 360;
const drawn = (of: unknown) => landscape(640, 480, hueOf(of));
const photo = async (exif?: Exif) => jpeg(exif, { picture: await drawn(exif?.exif ?? exif?.main ?? 'none') });

/** Everything is deterministic: the same files in every installation. */
export async function* demoPhotos(): AsyncGenerator<{ path: string | Buffer; content: Buffer; modified?: string }> {
  const taken = (at: Clock, { model = 'Phone 12', offset = '+02:00' } = {}) => ({
    main: { [tag.model]: model },
    exif: { [tag.original]: colons(at), [tag.offsetOriginal]: offset },
  });
  // Two days at the sea, by the first phone: photos, live photos and a video.
  for (let n = 1; n <= 12; n += 1) {
    const at: Clock = `2024-07-${n <= 7 ? '13' : '14'}T${String(8 + n).padStart(2, '0')}:05:${String(n * 4).padStart(2, '0')}`;
    yield { path: `DCIM/100APPLE/IMG_${1000 + n}.JPG`, content: await photo(taken(at)) };
  }
  for (let n = 1; n <= 3; n += 1) {
    const at: Clock = `2024-07-14T2${n}:30:00`;
    yield {
      path: `DCIM/100APPLE/IMG_${1020 + n}.HEIC`,
      content: heic({ ...taken(at), thumbnail: await landscape(160, 120, hueOf(at)) }),
    };
    yield {
      path: `DCIM/100APPLE/IMG_${1020 + n}.MOV`,
      content: movie({
        created: new Date(`${at}+02:00`),
        keys: { 'com.apple.quicktime.creationdate': `${at}+0200` },
      }),
    };
  }
  yield {
    path: 'DCIM/100APPLE/IMG_1030.MOV',
    content: movie({
      created: new Date('2024-07-13T21:59:30+02:00'),
      keys: { 'com.apple.quicktime.creationdate': '2024-07-13T23:59:30+0200' },
    }),
  };
  // An edit with its instructions beside the original.
  yield {
    path: 'DCIM/100APPLE/IMG_E1003.JPG',
    content: await photo(taken('2024-07-13T11:05:12', { model: 'Phone 12 edit' })),
  };
  yield { path: 'DCIM/100APPLE/IMG_1003.AAE', content: Buffer.from('<plist version="1.0"><dict/></plist>\n') };

  // The camera: RAW and JPG of one moment, with sidecars.
  for (let n = 1; n <= 4; n += 1) {
    const at: Clock = `2024-05-0${n}T16:45:1${n}`;
    const { main, exif } = taken(at, { model: 'Camera R7' });
    yield {
      path: `Camera/DSC_020${n}.CR3`,
      content: cr3({ main: { ...main, [tag.modified]: colons(at) }, exif }, await drawn(exif)),
    };
    yield { path: `Camera/DSC_020${n}.JPG`, content: await photo({ main, exif }) };
  }
  yield { path: 'Camera/DSC_0201.CR3.xmp', content: Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>\n') };
  yield {
    path: 'Camera/DSC_0202.xmp',
    content: Buffer.from('<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- 2 --></x:xmpmeta>\n'),
  };

  // An old backup of the phone: the same photos under other names, and one that is in no other folder.
  for (let n = 1; n <= 8; n += 1) {
    const at: Clock = `2024-07-${n <= 7 ? '13' : '14'}T${String(8 + n).padStart(2, '0')}:05:${String(n * 4).padStart(2, '0')}`;
    yield { path: `Old phone/Backup/Photo ${n}.jpg`, content: await photo(taken(at)) };
  }
  yield {
    path: 'Old phone/Backup/Photo 9.jpg',
    content: await photo(taken('2023-12-24T18:00:00', { offset: '+01:00' })),
  };
  for (let n = 1; n <= 2; n += 1)
    yield {
      path: `Old phone/Backup (copy)/Photo ${n}.jpg`,
      content: await photo(taken(`2024-07-13T${n === 1 ? '09' : '10'}:05:${n === 1 ? '04' : '08'}`)),
    };

  // Screenshots and pictures from messengers: a date in the file, in the name, or nowhere.
  yield { path: 'Screenshots/Screenshot_1.png', content: png({ text: { 'Creation Time': '2024:02:29 12:00:00' } }) };
  yield { path: 'Screenshots/Screenshot_2024-03-31-02-30-00.png', content: png({ text: { Software: 'phone' } }) };
  yield { path: 'Messages/IMG-20240810-WA0007.jpg', content: await photo({ main: { [tag.model]: 'unknown' } }) };
  yield { path: 'Messages/VID-20240811-WA0001.mp4', content: movie({ brand: 'isom', created: null }) };
  yield { path: 'Messages/funny.jpg', content: await photo(), modified: '2022-11-05T10:00:00Z' };

  // Dates that cannot be true.
  yield {
    path: 'Broken/clock never set.jpg',
    content: await photo({ exif: { [tag.original]: '0000:00:00 00:00:00' } }),
    modified: '2019-08-01T09:30:00Z',
  };
  yield {
    path: 'Broken/month thirteen.jpg',
    content: await photo({ exif: { [tag.original]: '2019:13:45 10:00:00' } }),
    modified: '2019-08-02T09:30:00Z',
  };
  yield { path: 'Broken/1904.mov', content: movie({ created: null }), modified: '2018-01-05T20:00:00Z' };

  // An export of a web album: the date is in a file beside the photo.
  yield { path: 'Takeout/beach.jpg', content: await photo({ main: { [tag.model]: 'Web album' } }) };
  yield {
    path: 'Takeout/beach.jpg.supplemental-metadata.json',
    content: Buffer.from(JSON.stringify({ title: 'beach.jpg', photoTakenTime: { timestamp: '1563007500' } })),
  };

  // Names: one that is not UTF-8, twins that differ in normalisation alone, a long one, and one with a line break.
  yield {
    path: Buffer.from('Names/Gr\xfc\xdfe.jpg', 'latin1'),
    content: await photo(taken('2021-01-01T00:00:10', { offset: '+01:00' })),
  };
  yield { path: 'Names/Übung.jpg'.normalize('NFC'), content: await photo(taken('2021-06-01T10:00:00')) };
  yield { path: 'Names/Übung.jpg'.normalize('NFD'), content: await photo(taken('2021-06-02T10:00:00')) };
  yield { path: `Names/${'long '.repeat(48)}name.jpg`, content: await photo(taken('2021-06-03T10:00:00')) };
  yield { path: 'Names/two\nlines.jpg', content: await photo(taken('2021-06-04T10:00:00')) };

  // What scans leave out.
  yield { path: 'Camera/Thumbs.db', content: Buffer.from('thumbnails') };
  yield { path: 'DCIM/.DS_Store', content: Buffer.from('folder') };
}

const folders = {
  source: 'inbox',
  duplicates: 'duplicates',
  batch: 'batches',
  sorted: 'archive',
  quarantine: 'quarantine',
};

async function writeFiles(directory: string): Promise<void> {
  for (const folder of Object.values(folders)) mkdirSync(join(directory, folder), { recursive: true });
  for await (const { path, content, modified = '2024-09-01T12:00:00Z' } of demoPhotos()) {
    const file = Buffer.concat([Buffer.from(`${join(directory, folders.source)}/`), Buffer.from(path)]);
    mkdirSync(file.subarray(0, file.lastIndexOf('/')), { recursive: true });
    writeFileSync(file, content);
    utimesSync(file, new Date(modified), new Date(modified));
  }
}

/**
 * The file pipeline of the demo: its files below `directory`, and a configuration with markers in the folders. Leaves a pipeline that is
 * configured for other folders as it is. What an interrupted call has begun, the next one finishes.
 */
export async function openDemoPhotos(directory: string, connection: Connection): Promise<void> {
  const db = createDb(createPool({ connection, max: 2 }));
  try {
    const paths = Object.fromEntries(
      Object.entries(folders).map(([place, name]) => [`${place}_dir`, join(directory, name)]),
    );
    const { version, value } = await findConfig(db);
    if (version > 0 && !isDeepStrictEqual(value.paths, paths)) return;
    if (!existsSync(directory)) {
      const begun = `${directory}.new`;
      rmSync(begun, { recursive: true, force: true });
      await writeFiles(begun);
      renameSync(begun, directory);
    }
    await db.transaction().execute((trx) => importConfig(trx, { part: { paths }, actor: 'demo' }));
    if (!(await findPlaces(db)).source) await makePlaces(db, {});
  } finally {
    await db.destroy();
  }
}
