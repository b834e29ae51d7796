import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markerName } from '@at/adapters/file-trash';
import { startMediaServer } from '@at/adapters/test/fake-media-server';
import { startProvider } from '@at/adapters/test/fake-provider';

/**
 * The processing queue of the demo: folders below the data directory, a provider and a media server on this machine. Its items
 * are small files that really go through the steps; some of them fail, each for another reason.
 */

type Film = {
  code: string;
  file: string;
  title: string;
  original_title?: string;
  actress: string[];
  label: string;
  date: string;
};

const films: Film[] = [
  {
    code: 'LUM-101',
    file: 'LUM-101 English.mkv',
    title: 'The Keepers of Skerry Light',
    original_title: 'Skerry Fyr',
    actress: ['Ada Lumen', 'Ines Varga'],
    label: 'North Light',
    date: '2021-03-12',
  },
  {
    code: 'LUM-102',
    file: '[archive] lum-102.mp4',
    title: 'Salt on the Window',
    actress: ['Ada Lumen'],
    label: 'North Light',
    date: '2021-09-30',
  },
  {
    code: 'LUM-115',
    file: 'lum-115 1080p.mkv',
    title: 'A Year of Tides',
    actress: ['Ines Varga'],
    label: 'North Light',
    date: '2022-05-06',
  },
  {
    code: 'HARB-7',
    file: 'HARB-7 chinese.mp4',
    title: 'Harbour at Low Water',
    actress: ['Mei Tan'],
    label: 'Harbour Films',
    date: '2019-11-01',
  },
  {
    code: 'HARB-12',
    file: 'Harb-12.avi',
    title: 'The Ferry Does Not Wait',
    actress: ['Mei Tan', 'Jonas Rehn'],
    label: 'Harbour Films',
    date: '2020-02-14',
  },
  {
    code: 'QUAY-33',
    file: 'festival cut QUAY-33.wmv',
    title: 'Rope',
    actress: ['Jonas Rehn'],
    label: 'Quay',
    date: '2018-06-21',
  },
  {
    code: 'QUAY-34',
    file: 'QUAY-34 korean.mkv',
    title: 'Knots: A Second Look',
    actress: [],
    label: 'Quay',
    date: '2023-01-20',
  },
  {
    code: 'MOOR-208',
    file: 'moor-208.mkv',
    title: 'Heather and Iron',
    actress: ['Sunniva Aas'],
    label: 'Moorland',
    date: '2024-04-05',
  },
  {
    code: 'MOOR-209',
    file: 'moor-209 (copy).mkv',
    title: 'Peat',
    actress: ['Sunniva Aas'],
    label: 'Moorland',
    date: '2024-08-17',
  },
];

/** The provider has a fault of its own for this code, and the media server refuses to keep the overview of that one. */
const troubled = { provider: 'DUNE-404', server: 'DUNE-77' };
const others = [
  'holiday by the sea.mp4',
  'NOSUCH-1.mkv',
  `${troubled.provider} night version.mkv`,
  `${troubled.server}.mp4`,
];

export type DemoQueue = {
  environment: Record<string, string>;
  /** Whether its files were dropped just now, some of which fail by design. */
  isNew: boolean;
  close: () => Promise<void>;
};

/** Starts provider and media server. The first time, files are dropped into the watch folder, which is below `directory`. */
export async function startDemoQueue(directory: string): Promise<DemoQueue> {
  const folders = {
    watch: join(directory, 'watch'),
    library: join(directory, 'library'),
    unprocessed: join(directory, 'unprocessed'),
  };
  const isNew = !existsSync(directory);
  for (const folder of Object.values(folders)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, markerName), '');
  }
  const provider = await startProvider();
  for (const { code, title, original_title, actress, label, date } of films) {
    provider.facts.set(code, {
      movie_code: code,
      title,
      original_title: original_title ?? null,
      overview: `${title} was made for the demo, as were its makers.`,
      release_date: date,
      actress,
      genre: ['Drama'],
      label,
    });
  }
  provider.facts.set(troubled.server, {
    title: 'Shifting Sand',
    actress: ['Jonas Rehn'],
    overview: 'A dune moves.',
    label: 'Dune',
  });
  provider.answer = (request, response) => {
    if (!request.startsWith(`search ${troubled.provider}`)) return false;
    response.writeHead(503).end();
    return true;
  };
  const server = await startMediaServer(folders.library);
  server.store = (item) => (item.Name.startsWith(troubled.server) ? { ...item, Overview: '' } : item);
  if (isNew)
    for (const name of [...films.map(({ file }) => file), ...others])
      writeFileSync(join(folders.watch, name), `Demo file: ${name}\n`);
  const { tokens } = provider.settings;
  return {
    isNew,
    environment: {
      QUEUE_WATCH_PATH: folders.watch,
      QUEUE_LIBRARY_PATH: folders.library,
      QUEUE_UNPROCESSED_PATH: folders.unprocessed,
      QUEUE_PROVIDER_URL: provider.url,
      ...(tokens && {
        QUEUE_PROVIDER_TOKEN_URL: tokens.url,
        QUEUE_PROVIDER_CLIENT_ID: tokens.clientId,
        QUEUE_PROVIDER_CLIENT_SECRET: tokens.clientSecret,
      }),
      MEDIA_SERVER_URL: server.settings.url,
      MEDIA_SERVER_API_KEY: server.settings.key,
    },
    close: async () => {
      await Promise.all([provider.close(), server.close()]);
    },
  };
}
