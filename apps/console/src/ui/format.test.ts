import { expect, it } from 'vitest';
import { isolate, someone } from './format.ts';

it('a sentence names who made a change, unless the actor has no name', () => {
  expect(someone('anna')).toBe(isolate('anna'));
  for (const actor of ['anonymous', 'database', null, undefined]) expect(someone(actor)).toBe('Someone else');
});
