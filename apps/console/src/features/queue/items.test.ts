import type { QueueItem } from '@at/contracts/queue';
import { describe, expect, it } from 'vitest';
import { likelyAction, nameOf, serverLink, stateOf, stepMarks } from './items.ts';

const item = (facts: Partial<QueueItem>): QueueItem => ({
  id: 1,
  file_path: '/watch/a.mkv',
  movie_code: null,
  code_given_by: null,
  actress: null,
  subtitle: null,
  status: 'pending',
  error_message: null,
  error_code: null,
  failed_step: null,
  error_fingerprint: null,
  new_path: null,
  emby_item_id: null,
  metadata_json: null,
  retry_count: 0,
  next_retry_at: null,
  next_step: null,
  published_at: null,
  run_id: null,
  is_active: false,
  has_move: false,
  created_at: '2025-01-01T00:00:00Z',
  updated_at: '2025-01-01T00:00:00Z',
  ...facts,
});
const marks = (facts: Partial<QueueItem>) => Object.values(stepMarks(item(facts))).join(' ');

describe('the steps of an item', () => {
  it('are done, failed, in progress or open', () => {
    expect(marks({})).toBe('open open open open');
    expect(marks({ movie_code: 'ABC-1', is_active: true })).toBe('done current open open');
    expect(marks({ movie_code: 'ABC-1', failed_step: 'metadata' })).toBe('done failed open open');
  });
});

describe('an item', () => {
  it('that no run takes further has the action that does', () => {
    const resting = item({ next_step: 'extract' });
    expect([stateOf(resting).word, likelyAction(resting)]).toEqual(['held', 'extract-code']);
    const moved = item({ status: 'moved', next_step: 'publish' });
    expect([stateOf(moved).word, likelyAction(moved)]).toEqual(['done', 'update-emby']);
    expect(likelyAction(item({ is_active: true }))).toBeUndefined();
  });

  it('has the name of its file until it has a code', () => {
    expect(nameOf(item({ new_path: '/library/b.mkv' }))).toBe('b.mkv');
    expect(nameOf(item({ movie_code: 'ABC-1' }))).toBe('ABC-1');
  });

  it('links to the media server, and to no script', () => {
    const published = item({ emby_item_id: 'a&b' });
    const meta = { emby_public_url: 'https://media.example', emby_server_id: 's' };
    expect(serverLink(published, meta)).toBe('https://media.example/web/index.html#!/item?id=a%26b&serverId=s');
    expect(serverLink(published, { ...meta, emby_public_url: 'javascript:alert(1)//' })).toBeUndefined();
    expect(serverLink(published, { ...meta, emby_server_id: null })).toBeUndefined();
  });
});
