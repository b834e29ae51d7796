import type { Event } from '@at/contracts/events';
import { describe, expect, it } from 'vitest';
import { createEventStream, type LiveEvent, type StreamHandlers } from './event-stream.ts';

const event = (id: string, type: Event['type'] = 'title.changed'): Event => ({
  id,
  type,
  operation: 'update',
  imdb_ids: ['tt0000001'],
  hashes: [],
  actor: 'anna',
  actor_verified: false,
  at: '2025-05-21T02:27:51.094287Z',
});

/** A stream over connections and a clock that the test moves. */
function setUp() {
  const connections: { after: string | null; ears: StreamHandlers; isOpen: boolean }[] = [];
  let timers: { at: number; run: () => void }[] = [];
  let now = 1_000_000;
  const stream = createEventStream({
    connect: (after, ears) => {
      const one = { after, ears, isOpen: true };
      connections.push(one);
      return () => {
        one.isOpen = false;
      };
    },
    later: (milliseconds, run) => {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    now: () => now,
    random: () => 1,
  });
  return {
    stream,
    connections,
    latest: () => (connections.at(-1) as (typeof connections)[number]).ears,
    /** Lets time go by. */
    wait: (milliseconds: number) => {
      const end = now + milliseconds;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((timer) => timer !== next);
        now = next.at;
        next.run();
      }
      now = end;
    },
  };
}

function open() {
  const all = setUp();
  all.stream.open();
  all.latest().ready('7.0', 'trigger');
  return all;
}

function hear(stream: ReturnType<typeof createEventStream>, ...types: Event['type'][]): string[] {
  const heard: string[] = [];
  stream.listen(types, (told: LiveEvent) => heard.push(told.type === 'reset' ? 'reset' : told.id));
  return heard;
}

describe('the stream of events', () => {
  it('tells each listener the types it asked for', () => {
    const { stream, latest } = open();
    const [titles, media] = [hear(stream, 'title.changed'), hear(stream, 'media.changed')];
    latest().event(event('7.1'));
    latest().event(event('7.2', 'media.changed'));
    expect([titles, media]).toEqual([['7.1'], ['7.2']]);
  });

  it('says how changes are noticed', () => {
    const { stream, latest } = setUp();
    expect(stream.state.get()).toBe('connecting');
    stream.open();
    latest().ready('7.0', 'polling');
    expect(stream.state.get()).toBe('polling');
    latest().ready('7.0', 'trigger');
    expect(stream.state.get()).toBe('live');
  });

  it('continues behind the last event after a break, so that nothing is missed or told twice', () => {
    const { stream, latest, connections, wait } = open();
    const heard = hear(stream, 'title.changed');
    latest().event(event('7.1'));
    latest().broken();
    expect(connections[0]?.isOpen).toBe(false);
    wait(500);
    expect(connections.map(({ after }) => after)).toEqual([null, '7.1']);
    latest().ready('7.1', 'trigger');
    latest().event(event('7.2'));
    expect(heard).toEqual(['7.1', '7.2']);
  });

  it('hears nothing more of a stream that it has left', () => {
    const { stream, latest, wait } = open();
    const heard = hear(stream, 'title.changed');
    const old = latest();
    old.broken();
    wait(500);
    old.event(event('7.1'));
    expect(heard).toEqual([]);
  });

  it('tries again after ever longer pauses, and at once when told that the network is back', () => {
    const { stream, latest, connections, wait } = open();
    const pauses = [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
    for (const pause of pauses) {
      const before = connections.length;
      latest().broken();
      wait(pause - 1);
      expect(connections).toHaveLength(before);
      wait(1);
      expect(connections).toHaveLength(before + 1);
    }
    latest().broken();
    const before = connections.length;
    stream.renew();
    expect(connections).toHaveLength(before + 1);
    wait(60_000);
    expect(connections).toHaveLength(before + 1);
  });

  it('is lost after ten seconds without a stream, however often it was tried, and not before', () => {
    const { stream, latest, wait } = open();
    latest().broken();
    for (let second = 1; second < 10; second += 1) {
      wait(1_000);
      latest().broken();
      expect(stream.state.get()).toBe('connecting');
    }
    wait(1_000);
    expect(stream.state.get()).toBe('lost');
    stream.renew();
    latest().ready('7.0', 'trigger');
    expect(stream.state.get()).toBe('live');
    wait(60_000);
    expect(stream.state.get()).toBe('live');
  });

  it('comes back soon when the API says that it ends', () => {
    const { latest, connections, wait } = open();
    latest().stop();
    wait(2_500);
    expect(connections).toHaveLength(2);
  });

  it('asks everybody to read anew when the API cannot tell what lies between', () => {
    const { stream, latest } = open();
    const heard = hear(stream, 'media.changed');
    latest().reset('9.0');
    expect(heard).toEqual(['reset']);
  });

  it('says when all that is unknown is the moment between reading the page and the first stream', () => {
    const { stream, latest, wait } = setUp();
    const told: LiveEvent[] = [];
    stream.listen(['title.changed'], (event) => told.push(event));
    stream.open();
    latest().ready('7.0', 'trigger');
    expect(told).toEqual([{ type: 'reset', isFirst: true }]);
    stream.close();
    wait(400_000);
    stream.open();
    latest().ready('9.0', 'trigger');
    expect(told.at(-1)).toEqual({ type: 'reset', isFirst: false });
  });

  it('asks for the same after a long absence instead of being told a long story', () => {
    const { stream, latest, connections, wait } = open();
    const heard = hear(stream, 'title.changed');
    stream.close();
    wait(60_000);
    stream.open();
    expect(connections.at(-1)?.after).toBe('7.0');
    latest().ready('7.0', 'trigger');
    expect(heard).toEqual([]);

    stream.close();
    wait(400_000);
    stream.open();
    expect(connections.at(-1)?.after).toBeNull();
    latest().ready('9.0', 'trigger');
    expect(heard).toEqual(['reset']);
  });

  it('opens no stream while nobody looks', () => {
    const { stream, latest, connections, wait } = open();
    latest().broken();
    stream.close();
    stream.renew();
    wait(60_000);
    expect(connections).toHaveLength(1);
    expect(stream.state.get()).not.toBe('lost');
  });
});
