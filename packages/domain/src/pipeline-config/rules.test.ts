import { describe, expect, test } from 'vitest';
import { folderFault, nameFault } from './patterns.ts';
import { nearestKey, presetValues, secretIn } from './rules.ts';
import { cronFault, ignoreFault, pathFaults, urlFault, zoneFault } from './value-rules.ts';

describe('names of batches', () => {
  test.each(['batch_{index:03d}', 'b{index}', '{date}-phone-{index:d}', 'Ä{index:02d}'])(
    '%j can be used',
    (pattern) => {
      expect(nameFault(pattern)).toBeUndefined();
    },
  );
  test.each([
    '',
    'batch',
    '{index}',
    '2024_{index}',
    'a/{index}',
    'a\\{index}',
    '.a{index}',
    '~a{index}',
    'a{index} ',
    'a{index:03x}',
    'a{index:3d}',
    'a{index:03d:1}',
    'a{number}',
    'a{index',
    'a}{index}',
    'a{index}{date:02d}',
    'a{__proto__}{index}',
  ])('%j is refused', (pattern) => {
    expect(nameFault(pattern)).toEqual(expect.any(String));
  });
});

describe('folders of the archive', () => {
  test.each(['{year}/{month:02d}/{day:02d}', '{year}', '{kind}/{year}-{month}', 'Photos/{camera}/{year}'])(
    '%j can be used',
    (pattern) => {
      expect(folderFault(pattern)).toBeUndefined();
    },
  );
  test.each([
    '',
    'photos',
    '/{year}',
    '{year}/',
    '{year}//{month}',
    '../{year}',
    '{year}/..',
    '{year}/.hidden',
    '{year}\\{month}',
    '{year}. /x',
    '{weekday}',
    '{camera:02d}',
    '{year',
  ])('%j is refused', (pattern) => {
    expect(folderFault(pattern)).toEqual(expect.any(String));
  });
});

test.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])('%s is a time zone', (zone) => {
  expect(zoneFault(zone)).toBeUndefined();
});
test.each(['', 'Berlin', '+02:00', 'Europe/Atlantis', '../etc'])('%j is no time zone', (zone) => {
  expect(zoneFault(zone)).toEqual(expect.any(String));
});

test.each(['0 3 * * *', '*/15 * * * *', '0,30 8-20/2 1 1-12 0-7', ' 5 4 * * 1 '])('%j is times', (cron) => {
  expect(cronFault(cron)).toBeUndefined();
});
test.each([
  '',
  '0 3 * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '5-1 * * * *',
  '*/0 * * * *',
  '1, * * * *',
  '@daily',
  '0 3 * * MON',
])('%j is no times', (cron) => {
  expect(cronFault(cron)).toEqual(expect.any(String));
});

test.each(['http://127.0.0.1:8384/rest', 'https://nas.example'])('%s is an address', (url) => {
  expect(urlFault(url)).toBeUndefined();
});
test.each(['', 'nas', 'ftp://nas', 'http://u:p@nas', 'http://nas/?apikey=1'])('%j is no address', (url) => {
  expect(urlFault(url)).toEqual(expect.any(String));
});

test('a pattern that a scan leaves out is a name', () => {
  expect(ignoreFault(['*.tmp', '.?ache'])).toBeUndefined();
  expect(ignoreFault(['*.tmp', 'a/b'])).toEqual(expect.any(String));
});

test('a preset keeps the values of known keys, and names its first secret', () => {
  const part = {
    batch: { max_files: 2, more: 1 },
    syncthing: { stall_min: 9 },
    auth: { header_name: 'x' },
    warnings: [1],
  };
  expect(presetValues(part)).toEqual({ batch: { max_files: 2 }, syncthing: { stall_min: 9 } });
  expect(secretIn(part)).toBeUndefined();
  expect(secretIn({ auth: { api_key: '' } })).toBe('/auth/api_key');
  expect(secretIn({ syncthing: null })).toBe('/syncthing/api_key');
  expect(presetValues({ syncthing: { api_key: 'k' } })).toEqual({});
});

test('folders that are or contain each other are refused, those beside each other are not', () => {
  const faults = (paths: Record<string, string>) => pathFaults(paths).map(({ name }) => name);
  expect(faults({ source_dir: '/m/in', sorted_dir: '/m/in2', batch_dir: '/m/sync/up', temp_dir: '' })).toEqual([]);
  expect(faults({ source_dir: '/m/in', sorted_dir: '/m/in/../in2' })).toEqual(['sorted_dir']);
  expect(faults({ source_dir: '/m/in/sub', sorted_dir: '/m/in' })).toEqual(['sorted_dir']);
  expect(faults({ source_dir: '/' })).toEqual(['source_dir']);
  expect(faults({ source_dir: '/m/in', batch_dir: '/m/up' })).toEqual([]);
});

test.each([
  [['batch', 'max_gb'], 'batch.max_size_gb'],
  [['batch', 'naming'], 'batch.naming_pattern'],
  [['sorted_dir'], 'paths.sorted_dir'],
  [['syncthing', 'apikey'], 'syncthing.api_key'],
  [['__proto__'], expect.any(String)],
] as const)('the nearest to %j is %s', (path, nearest) => {
  expect(nearestKey(path)).toEqual(nearest);
});
