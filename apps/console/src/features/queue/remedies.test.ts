import { expect, test } from 'vitest';
import { remedyOf } from './remedies.ts';

const actionOf = (error_message: string, failed_step = 'metadata') => remedyOf({ error_message, failed_step }).action;

test.each([
  ['The name of the file has no code. Set the code by hand, or rename the file and drop it again.', 'code'],
  ['The provider does not know NOSUCH-1.', 'code'],
  ['The item has no metadata. Fetch metadata first (fetch-metadata).', 'fetch-metadata'],
  ['The file is not in the library. Rename and move it first (rename-file).', 'rename-file'],
  ['The file is no longer in its place.', 'retry'],
  ['The file has changed since it was found. The queue takes it again once it rests.', 'full-retry'],
  ['The media server shows other values than were written: Overview.', 'update-emby'],
  ['The media server has not found the file. Check that it has the library, and MEDIA_SERVER_PATH.', 'retry'],
  ['The provider refuses the token (401). Check QUEUE_PROVIDER_TOKEN.', 'retry'],
  ['/library/a.mkv exists already.', 'rename-file'],
  ['The media server is unreachable.', 'retry'],
  ['Cancelled by Anna.', 'retry'],
  ['Something new.', 'retry'],
])('%s leads to %s', (message, action) => {
  expect(actionOf(message)).toBe(action);
});

test('each kind of failure says something of its own, and a removal that failed is done again', () => {
  expect(actionOf('The disk is full.', 'remove_file')).toBe('delete-file');
  const texts = ['has no code', 'The media server is unreachable.', 'The disk is full.', 'x'].map(
    (message) => remedyOf({ error_message: `It ${message}`, failed_step: 'move' }).text,
  );
  expect(new Set(texts).size).toBe(4);
});
