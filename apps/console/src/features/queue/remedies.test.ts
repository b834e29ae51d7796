import { failureCodes } from '@at/contracts/vocabulary';
import { expect, test } from 'vitest';
import { remedyOf } from './remedies.ts';

const after = (error_code: Parameters<typeof remedyOf>[0]['error_code'], failed_step = 'metadata') =>
  remedyOf({ error_code, failed_step });

test.each([
  ['code_missing', 'code'],
  ['code_unknown', 'code'],
  ['metadata_missing', 'fetch-metadata'],
  ['not_in_library', 'rename-file'],
  ['file_gone', 'retry'],
  ['file_changed', 'full-retry'],
  ['server_differs', 'update-emby'],
  ['server_lacks_file', 'retry'],
  ['refused', 'retry'],
  ['place_taken', 'rename-file'],
  ['unreachable', 'retry'],
  ['cancelled', 'retry'],
  ['unexpected', 'retry'],
] as const)('%s leads to %s', (code, action) => {
  expect(after(code).action).toBe(action);
});

test('every failure has a next step, also one without a known code, and a removal that failed is done again', () => {
  for (const code of failureCodes) expect(after(code).text).not.toBe('');
  expect([after(null), after('new_word' as never)]).toEqual([after('unexpected'), after('unexpected')]);
  expect(after('disk_full', 'remove_file').action).toBe('delete-file');
});
