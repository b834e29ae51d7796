import type { Event } from '@at/contracts/events';
import { describe, expect, it } from 'vitest';
import { createEventStream, type LiveEvent, type StreamHandlers } from './event-stream.ts';

const event = (id: string, type: Event['type'] = 'title.changed'): Event => ({
  id,
  type,
  operation: 'update',
  imdb_ids: ['tt0000001'],
  hashes: [],
  run_id: null,
  actor: 'anna',
  actor_verified: false,
  at: '2025-05-21T02:27:51.094287Z',
});

/** A stream over connections and a clock that the test controls. */
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

function subscribe(stream: ReturnType<typeof createEventStream>, ...types: Event['type'][]): string[] {
  const received: string[] = [];
  stream.listen(types, (event: LiveEvent) => received.push(event.type === 'reset' ? 'reset' : event.id));
  return received;
}

describe('the stream of events', () => {
  it('sends each subscriber the types it requested', () => {
    const { stream, latest } = open();
    const [titles, media] = [subscribe(stream, 'title.changed'), subscribe(stream, 'media.changed')];
    latest().event(event('7.1'));
    latest().event(event('7.2', 'media.changed'));
    expect([titles, media]).toEqual([['7.1'], ['7.2']]);
  });

  it('reports how the API notices changes', () => {
    const { stream, latest } = setUp();
    expect(stream.state.get()).toBe('connecting');
    stream.open();
    latest().ready('7.0', 'polling');
    expect(stream.state.get()).toBe('polling');
    latest().ready('7.0', 'trigger');
    expect(stream.state.get()).toBe('live');
  });

  it('continues after the last event after a break, so that nothing is missed or sent twice', () => {
    const { stream, latest, connections, wait } = open();
    const received = subscribe(stream, 'title.changed');
    latest().event(event('7.1'));
    latest().broken();
    expect(connections[0]?.isOpen).toBe(false);
    wait(500);
    expect(connections.map(({ after }) => after)).toEqual([null, '7.1']);
    latest().ready('7.1', 'trigger');
    latest().event(event('7.2'));
    expect(received).toEqual(['7.1', '7.2']);
  });

  it('ignores events of a closed stream', () => {
    const { stream, latest, wait } = open();
    const received = subscribe(stream, 'title.changed');
    const old = latest();
    old.broken();
    wait(500);
    old.event(event('7.1'));
    expect(received).toEqual([]);
  });

  it('retries after ever longer pauses, and at once on renew', () => {
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

  it('is lost after ten seconds without a stream, despite retries, and not before', () => {
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

  it('reconnects soon when the API announces its end', () => {
    const { latest, connections, wait } = open();
    latest().stop();
    wait(2_500);
    expect(connections).toHaveLength(2);
  });

  it('resets all subscribers if the API cannot replay the missed events', () => {
    const { stream, latest } = open();
    const received = subscribe(stream, 'media.changed');
    latest().reset('9.0');
    expect(received).toEqual(['reset']);
  });

  it('marks the reset of the first stream, which covers only the time since the page was loaded', () => {
    const { stream, latest, wait } = setUp();
    const received: LiveEvent[] = [];
    stream.listen(['title.changed'], (event) => received.push(event));
    stream.open();
    latest().ready('7.0', 'trigger');
    expect(received).toEqual([{ type: 'reset', isFirst: true }]);
    stream.close();
    wait(400_000);
    stream.open();
    latest().ready('9.0', 'trigger');
    expect(received.at(-1)).toEqual({ type: 'reset', isFirst: false });
  });

  it('resets after a long absence instead of replaying all events', () => {
    const { stream, latest, connections, wait } = open();
    const received = subscribe(stream, 'title.changed');
    stream.close();
    wait(60_000);
    stream.open();
    expect(connections.at(-1)?.after).toBe('7.0');
    latest().ready('7.0', 'trigger');
    expect(received).toEqual([]);

    stream.close();
    wait(400_000);
    stream.open();
    expect(connections.at(-1)?.after).toBeNull();
    latest().ready('9.0', 'trigger');
    expect(received).toEqual(['reset']);
  });

  it('opens no stream while the page is hidden', () => {
    const { stream, latest, connections, wait } = open();
    latest().broken();
    stream.close();
    stream.renew();
    wait(60_000);
    expect(connections).toHaveLength(1);
    expect(stream.state.get()).not.toBe('lost');
  });
});
