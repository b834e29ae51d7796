import { beforeEach, describe, expect, it } from 'vitest';
import { connection } from '#state/connection.ts';
import { calls, recordCall, withoutSecrets } from './call-log.ts';

const call = (url: string, body?: unknown) =>
  recordCall({ method: body ? 'POST' : 'GET', url, docs: '', body, at: new Date(), ms: 1, status: 200, answer: {} });

beforeEach(() => calls.set([]));

describe('the last calls', () => {
  it('hold no key and no secret at any depth', () => {
    expect(
      withoutSecrets({ key: 'k', api_key: 'a', value: [{ password: 'p', name: 'n' }], secrets: { token: 't' } }),
    ).toEqual({
      key: '•••',
      api_key: '•••',
      value: [{ password: '•••', name: 'n' }],
      secrets: '•••',
    });
    call('http://api/session', { key: 'the-secret' });
    expect(JSON.stringify(calls.get())).not.toContain('the-secret');
  });

  it('are twenty, newest first, and connection checks remove none of them', () => {
    call('http://api/meta');
    for (let count = 0; count < 25; count += 1) {
      call(`http://api/training?page=${count}`);
      call('http://api/meta');
      call('http://api/health');
    }
    const urls = calls.get().map(({ url }) => url);
    expect(urls).toHaveLength(20);
    expect(urls.slice(0, 3)).toEqual(['http://api/health', 'http://api/meta', 'http://api/training?page=24']);
    expect(urls.filter((url) => /meta|health/.test(url))).toHaveLength(2);
  });
});

describe('the connection', () => {
  const fail = (seconds: number, isLate: boolean) =>
    recordCall({
      ...{ method: 'GET', url: 'http://api/training', docs: '', ms: seconds * 1_000, error: 'No reply.', isLate },
      at: new Date(Date.now() - seconds * 1_000),
    });

  it('is down when a reply is late or does not come', () => {
    for (const isLate of [true, false]) {
      connection.set({ state: 'up', lastAnswer: new Date(Date.now() - 10_000) });
      fail(4, isLate);
      expect(connection.get().state).toBe('down');
      call('http://api/health');
      expect(connection.get().state).toBe('up');
    }
  });

  it('stays up when one reply is late and the API has answered others since', () => {
    call('http://api/health');
    fail(4, true);
    expect(connection.get().state).toBe('up');
    fail(0, false);
    expect(connection.get().state).toBe('down');
  });
});
