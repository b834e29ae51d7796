import type { Event } from '@at/contracts/events';
import { expect, it } from 'vitest';
import { receive, reportTo } from './event-source.ts';
import type { StreamHandlers } from './event-stream.ts';
import { multiplexStream } from './multiplexed-stream.ts';

const event = (id: string): Event => ({
  id,
  type: 'title.changed',
  operation: 'update',
  imdb_ids: ['tt0000001'],
  hashes: [],
  run_id: null,
  actor: 'anna',
  actor_verified: false,
  at: '2025-05-21T02:27:51.094287Z',
});

/** A multiplexed stream over connections and a clock that the test controls. */
function setUp() {
  const connections: { after: string | null; api: StreamHandlers; isOpen: boolean }[] = [];
  let now = 1_000_000;
  const connect = multiplexStream(
    (after, api) => {
      const one = { after, api, isOpen: true };
      connections.push(one);
      return () => {
        one.isOpen = false;
      };
    },
    () => now,
  );
  const follow = (after: string | null = null, isRenewed = false) => {
    const received: unknown[] = [];
    const handlers = reportTo(([name, ...values]) =>
      received.push(name === 'event' ? (values[0] as Event).id : [name, ...values]),
    );
    return { received, leave: connect(after, handlers, isRenewed) };
  };
  return {
    connections,
    follow,
    api: () => connections.at(-1)?.api as StreamHandlers,
    open: () => connections.filter(({ isOpen }) => isOpen).length,
    wait: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

it('has one connection for all subscribers, each of which gets every event', () => {
  const { connections, follow, api, open } = setUp();
  const tabs = [follow(), follow()];
  api().ready('7.0', 'trigger');
  api().event(event('7.1'));
  tabs.push(follow());
  api().event(event('7.2'));
  expect(tabs.map(({ received }) => received)).toEqual([
    [['ready', '7.0', 'trigger'], '7.1', '7.2'],
    [['ready', '7.0', 'trigger'], '7.1', '7.2'],
    [['ready', '7.1', 'trigger'], '7.2'],
  ]);
  expect(connections).toHaveLength(1);
  for (const { leave } of tabs) {
    expect(open()).toBe(1);
    leave();
  }
  expect(open()).toBe(0);
});

it('sends a subscriber that reconnects the events that it missed, or a reset if they are not kept', () => {
  const { follow, api } = setUp();
  follow();
  api().ready('7.0', 'polling');
  for (let count = 1; count <= 1_001; count += 1) api().event(event(`7.${count}`));
  expect(follow('7.999').received).toEqual([['ready', '7.999', 'polling'], '7.1000', '7.1001']);
  expect(follow('7.1001').received).toEqual([['ready', '7.1001', 'polling']]);
  expect(follow('7.1').received).toHaveLength(1 + 1_000);
  expect(follow('7.0').received).toEqual([
    ['ready', '7.1001', 'polling'],
    ['reset', '7.1001'],
  ]);
  api().reset('9.0');
  expect(follow('9.0').received).toEqual([['ready', '9.0', 'polling']]);
});

it('continues after its own last event when it breaks, and not after that of the first subscriber to reconnect', () => {
  const { connections, follow, api } = setUp();
  const [first, second] = [follow(), follow()];
  api().ready('7.0', 'trigger');
  api().event(event('7.1'));
  api().broken();
  for (const { received } of [first, second]) expect(received.at(-1)).toEqual(['broken']);
  const [late, early] = [follow('7.0'), follow('7.1')];
  expect(connections.map(({ after }) => after)).toEqual([null, '7.1']);
  api().ready('7.1', 'trigger');
  api().event(event('7.2'));
  expect(late.received).toEqual([['ready', '7.0', 'trigger'], '7.1', '7.2']);
  expect(early.received).toEqual([['ready', '7.1', 'trigger'], '7.2']);
  api().stop();
  expect(early.received.at(-1)).toEqual(['stop']);
});

it('forgets its events when the last subscriber leaves: the next one chooses where to begin', () => {
  const { connections, follow, api } = setUp();
  const { leave } = follow();
  api().ready('7.0', 'trigger');
  api().event(event('7.1'));
  leave();
  const now = follow();
  expect(connections.at(-1)?.after).toBeNull();
  api().ready('9.0', 'trigger');
  expect(now.received).toEqual([['ready', '9.0', 'trigger']]);
  now.leave();
  const other = follow('8.5');
  expect(connections.at(-1)?.after).toBe('8.5');
  api().ready('8.5', 'trigger');
  expect(other.received).toEqual([['ready', '8.5', 'trigger']]);
});

it('opens another connection for a subscriber that doubts the current one, once for all of them', () => {
  const { connections, follow, api, open, wait } = setUp();
  const quiet = follow();
  api().ready('7.0', 'trigger');
  wait(60_000);
  const tabs = [follow('7.0', true), follow('7.0', true)];
  expect([connections.length, open()]).toEqual([2, 1]);
  api().ready('7.0', 'trigger');
  api().event(event('7.1'));
  expect(tabs.map(({ received }) => received)).toEqual([
    [['ready', '7.0', 'trigger'], '7.1'],
    [['ready', '7.0', 'trigger'], '7.1'],
  ]);
  // It is not interrupted.
  expect(quiet.received).toEqual([['ready', '7.0', 'trigger'], '7.1']);
});

it('reports reach handlers in another tab as they are', () => {
  const received: unknown[] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      void received.push([name, ...values]);
  const handlers = Object.fromEntries(['ready', 'event', 'reset', 'stop', 'broken'].map((name) => [name, note(name)]));
  const sender = reportTo((report) => receive(handlers as StreamHandlers, structuredClone(report)));
  sender.ready('7.0', null);
  sender.event(event('7.1'));
  sender.reset('8.0');
  sender.stop();
  sender.broken();
  expect(received).toEqual([['ready', '7.0', null], ['event', event('7.1')], ['reset', '8.0'], ['stop'], ['broken']]);
});
