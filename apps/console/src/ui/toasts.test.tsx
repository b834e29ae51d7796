import { notifications, notificationsStore } from '@mantine/notifications';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

vi.hoisted(() => vi.stubGlobal('location', new URL('http://console.test/')));

import { leavePage, showError, showMessage } from './toasts.tsx';

const all = () => {
  const state = notificationsStore.getState();
  return [...state.notifications, ...state.queue];
};

beforeEach(() => {
  // None of them has the focus.
  vi.stubGlobal('document', { getElementById: () => null, documentElement: { dataset: {} } });
});
afterEach(() => {
  for (const { id } of all()) notifications.hide(id as string);
});

/** The number of elements with the role. */
const count = (wanted: string) => all().filter(({ role }) => role === wanted).length;

it('only the latest three errors stay, and none replaces a message', () => {
  showMessage('Deleted.', () => {});
  for (let index = 0; index < 8; index += 1) showError(`Refused ${index}`, 'The disk is full.');
  expect(all().flatMap(({ title }) => title ?? [])).toEqual(['Refused 5', 'Refused 6', 'Refused 7']);
  expect(count('status')).toBe(1);
});

it('later messages replace only those without Undo', () => {
  showMessage('Deleted.', () => {});
  for (let index = 0; index < 8; index += 1) showMessage('Copied.');
  expect(count('status')).toBe(1 + 3);
  for (let index = 0; index < 8; index += 1) showMessage('Labelled.', () => {});
  expect(count('status')).toBe(1 + 3 + 8);
});

it('a long message has more room than the others', () => {
  showMessage('Copied.');
  showMessage('The approval is undone. '.repeat(5), () => {});
  showError('Refused', 'The disk is full. '.repeat(5));
  expect(all().map((one) => one['data-long'])).toEqual([undefined, true, true]);
});

it('an error stays on its page, and on another as long as messages do', () => {
  showMessage('Copied.');
  showError('Refused', 'The disk is full.');
  expect(all().map(({ autoClose }) => autoClose)).toEqual([8_000, false]);
  leavePage();
  expect(all().map(({ autoClose }) => autoClose)).toEqual([8_000, 8_000]);
});
