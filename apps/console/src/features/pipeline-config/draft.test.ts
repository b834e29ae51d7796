import { expect, test } from 'vitest';
import { keysOf, partOf, sections, withValue } from './draft.ts';

test('a draft becomes a part of the configuration and back', () => {
  const values = { 'batch.max_files': 3, 'cleanup.retention.quarantine_days': null, 'dedup.ignore': ['a'] };
  const part = partOf(values);
  expect(part).toEqual({
    batch: { max_files: 3 },
    cleanup: { retention: { quarantine_days: null } },
    dedup: { ignore: ['a'] },
  });
  expect(Object.fromEntries(keysOf(part))).toEqual(values);
});

test('a value that is the saved one again is no change', () => {
  const config = { batch: { max_files: 3 }, dedup: { ignore: ['a'] } } as never;
  const once = withValue({}, 'batch.max_files', 4, config);
  expect(once).toEqual({ 'batch.max_files': 4 });
  expect(withValue(once, 'batch.max_files', 3, config)).toEqual({});
  expect(withValue({}, 'dedup.ignore', ['a'], config)).toEqual({});
});

test('every value of the schema is a field with words of its own, and every choice too', () => {
  const all = sections.flatMap((section) => [section, ...section.sections]);
  for (const { key, label, fields } of all) {
    expect(label).not.toBe(key);
    for (const field of fields) {
      expect(field.label).not.toBe(field.key);
      expect(Object.keys(field.options ?? {}), field.key).toEqual(field.schema.enum ?? []);
      // Words of the screen, not of the file.
      expect(field.help ?? '').not.toMatch(/[a-z]_[a-z]|\b(true|false)\b/);
    }
  }
  expect(all.flatMap(({ fields }) => fields.map(({ key }) => key))).toContain('workflow.delays.sync');
});
