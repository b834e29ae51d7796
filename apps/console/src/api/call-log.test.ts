import { beforeEach, describe, expect, it } from 'vitest';
import { calls, recordCall, withoutSecrets } from './call-log.ts';

const call = (url: string, body?: unknown) =>
  recordCall({ method: body ? 'POST' : 'GET', url, docs: '', body, at: new Date(), ms: 1, status: 200, answer: {} });

beforeEach(() => calls.set([]));

describe('the last calls', () => {
  it('hold no key and no secret at any depth', () => {
    expect(withoutSecrets({ key: 'k', value: [{ password: 'p', name: 'n' }], secrets: { token: 't' } })).toEqual({
      key: '•••',
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
    }
    const urls = calls.get().map(({ url }) => url);
    expect(urls).toHaveLength(20);
    expect(urls.slice(0, 2)).toEqual(['http://api/meta', 'http://api/training?page=24']);
    expect(urls.filter((url) => url.endsWith('/meta'))).toHaveLength(1);
  });
});
