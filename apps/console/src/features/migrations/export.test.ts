import type { Migration } from '@at/contracts/migrations';
import { describe, expect, it } from 'vitest';
import { migrationFormats } from './export.ts';

const migration: Migration = {
  state: 'applied',
  installed_rank: 1,
  version: '1',
  description: 'beginning',
  type: 'SQL',
  script: 'V1__beginning.sql',
  checksum: -12,
  shipped_checksum: -12,
  shipped_description: 'beginning',
  installed_by: 'postgres',
  installed_on: '2025-01-01T00:00:00.000000Z',
  execution_time: 7,
};
const pending = { ...migration, state: 'pending', installed_rank: null, checksum: null } as const;
const csv = (...migrations: Migration[]) => migrationFormats.csv.write(migrations).split('\r\n');
const described = (description: string) =>
  csv({ ...migration, description })[1]
    ?.split('applied,')[1]
    ?.split(',V1')[0];

describe('the exported history', () => {
  it('has a line for each migration under the names of the columns, in the order of the list', () => {
    expect(csv(pending, migration)).toEqual([
      'version,state,description,script,type,installed_rank,installed_on,installed_by,execution_time,checksum,shipped_checksum',
      '1,pending,beginning,V1__beginning.sql,SQL,,2025-01-01T00:00:00.000000Z,postgres,7,,-12',
      '1,applied,beginning,V1__beginning.sql,SQL,1,2025-01-01T00:00:00.000000Z,postgres,7,-12,-12',
      '',
    ]);
  });

  it('escapes the contents of a cell', () => {
    expect(described('one, two')).toBe('"one, two"');
    expect(described('the "first"')).toBe('"the ""first"""');
    expect(migrationFormats.csv.write([{ ...migration, description: 'a\nb' }])).toContain('"a\nb"');
  });

  it.each(['=1+1', '+1', '-1', '@a', '\tx', '＝1'])('lets no spreadsheet run %j', (formula) => {
    expect(described(formula)).toBe(`'${formula}`);
  });

  it('is the same as JSON, where null is null', () => {
    const { shipped_description: _, ...shown } = pending;
    expect(JSON.parse(migrationFormats.json.write([pending]))).toEqual([shown]);
  });
});
