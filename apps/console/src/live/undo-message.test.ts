import type { Event } from '@at/contracts/events';
import { beforeEach, expect, it, vi } from 'vitest';

type Listener = (event: Event | { type: 'reset'; isFirst: boolean }) => void;
let listeners: { types: readonly string[]; notify: Listener }[] = [];
vi.mock('./live-events.ts', () => ({
  onLive: (types: readonly string[], notify: Listener) => {
    const listener = { types, notify };
    listeners.push(listener);
    return () => {
      listeners = listeners.filter((other) => other !== listener);
    };
  },
}));
/** The messages on screen, each with what runs when it is gone. */
let shown = new Map<string, (() => void) | undefined>();
vi.mock('#ui/notify.tsx', () => ({
  notify: (message: string, _undo: () => void, onClosed?: () => void) => {
    shown.set(message, onClosed);
    return () => {
      shown.delete(message);
      onClosed?.();
    };
  },
}));

import { notifyWithUndo } from './undo-message.ts';

beforeEach(() => {
  listeners = [];
  shown = new Map();
});
const send = (hash: string) => {
  for (const { types, notify } of listeners) {
    if (types.includes('media.changed')) notify({ type: 'media.changed', hashes: [hash] } as unknown as Event);
  }
};

it('a message offers Undo for as long as the API says that it is possible, and asks on events of its rows alone', async () => {
  let isPossible = true;
  const canUndo = vi.fn(async () => isPossible);
  notifyWithUndo('Deleted', () => {}, {
    types: ['media.changed'],
    concerns: ({ hashes }) => hashes?.includes('a') ?? true,
    canUndo,
  });
  send('b');
  send('a');
  await vi.waitFor(() => expect(canUndo).toHaveBeenCalledTimes(1));
  expect([...shown.keys()]).toEqual(['Deleted']);
  isPossible = false;
  send('a');
  await vi.waitFor(() => expect(shown.size).toBe(0));
  expect([canUndo.mock.calls.length, listeners]).toEqual([2, []]);
});

it('a message that is gone asks for nothing', () => {
  notifyWithUndo('Deleted', () => {}, { types: ['media.changed'], canUndo: async () => true });
  shown.get('Deleted')?.();
  expect(listeners).toEqual([]);
});
