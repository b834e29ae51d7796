import { expect, it } from 'vitest';
import { reportTo } from './event-source.ts';
import type { StreamHandlers } from './event-stream.ts';
import { type ElectionDeps, electLeader } from './leader-election.ts';

type Hear = Parameters<ElectionDeps['channel']['listen']>[0];

/** Tabs of one browser that has locks but no shared workers. */
function createBrowser({ locks = true } = {}) {
  const connections: { tab: string; after: string | null; api: StreamHandlers; isOpen: boolean }[] = [];
  const tabs: { tab: string; hear?: Hear; elect?: () => unknown }[] = [];
  let ids = 0;
  function openTab(tab: string) {
    const one: (typeof tabs)[number] = { tab };
    tabs.push(one);
    const connect = electLeader({
      open: (after, api) => {
        const connection = { tab, after, api, isOpen: true };
        connections.push(connection);
        return () => {
          connection.isOpen = false;
        };
      },
      locks: {
        request: (async (_name: string, elect: () => unknown) => {
          if (!locks) throw new DOMException('Refused', 'SecurityError');
          one.elect = elect;
          if (tabs[0] === one) elect();
          await new Promise(() => {});
        }) as LockManager['request'],
      },
      channel: {
        post: (message) => {
          for (const other of tabs) if (other !== one) other.hear?.(structuredClone(message));
        },
        listen: (hear) => {
          one.hear = hear;
        },
      },
      newId: () => `${tab}-${ids++}`,
      now: () => 0,
    });
    const follow = (after: string | null) => {
      const received: string[] = [];
      return {
        received,
        leave: connect(
          after,
          reportTo(([name]) => received.push(name)),
        ),
      };
    };
    return { follow };
  }
  /** The tab ends without a message, as in a crash. */
  function crash(tab: string) {
    tabs.splice(
      tabs.findIndex((one) => one.tab === tab),
      1,
    );
    tabs[0]?.elect?.();
  }
  return { connections, openTab, crash, api: () => connections.at(-1)?.api as StreamHandlers };
}

it('the leader has the connection, and the other tabs receive its events', () => {
  const { connections, openTab, api } = createBrowser();
  const [first, second] = [openTab('one').follow(null), openTab('two').follow(null)];
  expect(connections.map(({ tab }) => tab)).toEqual(['one']);
  api().ready('7.0', 'trigger');
  expect([first.received, second.received]).toEqual([['ready'], ['ready']]);
  first.leave();
  expect(connections[0]?.isOpen).toBe(true);
  second.leave();
  expect(connections[0]?.isOpen).toBe(false);
});

it('when the leader closes, another tab takes over, and all continue after their last event', () => {
  const { connections, openTab, crash, api } = createBrowser();
  openTab('one').follow(null);
  const [two, three] = [openTab('two'), openTab('three')];
  const before = [two.follow('7.0'), three.follow('7.0')];
  api().ready('7.0', 'trigger');
  crash('one');
  expect(before.map(({ received }) => received.at(-1))).toEqual(['broken', 'broken']);
  const after = [three.follow('7.0'), two.follow('7.0')];
  expect(connections.slice(1)).toMatchObject([{ tab: 'two', after: '7.0' }]);
  api().ready('7.0', 'trigger');
  expect(after.map(({ received }) => received)).toEqual([['ready'], ['ready']]);
});

it('where the browser refuses locks, each tab has its own connection', async () => {
  const { connections, openTab } = createBrowser({ locks: false });
  const [one, two] = [openTab('one'), openTab('two')];
  const early = one.follow(null);
  await Promise.resolve();
  await Promise.resolve();
  expect(early.received).toEqual(['broken']);
  one.follow(null);
  two.follow(null);
  expect(connections.map(({ tab }) => tab)).toEqual(['one', 'two']);
});
