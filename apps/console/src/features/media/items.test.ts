import type { MediaRow } from '@at/contracts/media';
import { describe, expect, it } from 'vitest';
import { changesTo, differences, disabledReason, isLink, nameOf } from './items.ts';

const item = (fields: Partial<MediaRow> = {}) =>
  ({
    media_title: 'Alien',
    original_title: 'Alien.1979.1080p',
    season: null,
    episode: null,
    pipeline_status: 'parsed',
    error_status: false,
    error_condition: null,
    rejection_status: 'unfiltered',
    rejection_reason: null,
    original_link: 'magnet:?xt=urn:btih:abc',
    target_path: null,
    ...fields,
  }) as MediaRow;

describe('the name', () => {
  it('has season and episode in two digits, and is the raw name until the release is parsed', () => {
    expect(nameOf(item())).toBe('Alien');
    expect(nameOf(item({ season: 2, episode: 5 }))).toBe('Alien S02E05');
    expect(nameOf(item({ season: 12 }))).toBe('Alien S12');
    expect(nameOf(item({ media_title: null, season: 1 }))).toBe('Alien.1979.1080p');
  });
});

describe('a link', () => {
  it.each(['magnet:?xt=urn:btih:abc', 'https://example.com/a.torrent', ' HTTP://example.com'])('is %s', (text) => {
    expect(isLink(text)).toBe(true);
  });
  it.each(['javascript:alert(1)', 'data:text/html,x', '/etc/passwd', 'file:///etc/passwd', ''])(
    'is not "%s"',
    (text) => {
      expect(isLink(text)).toBe(false);
    },
  );
});

describe('an action', () => {
  it('is possible if it has an effect', () => {
    expect(disabledReason('reingest', item())).toBeUndefined();
    expect(disabledReason('approve', item())).toBeUndefined();
    expect(disabledReason('finish', item())).toBeUndefined();
    expect(disabledReason('delete', item())).toBeUndefined();
    expect(disabledReason('restore', item({ deleted_at: '2025-01-01' }))).toBeUndefined();
    expect(disabledReason('reingest', item({ pipeline_status: 'ingested', error_status: true }))).toBeUndefined();
  });

  it('gives the reason if it is not possible', () => {
    expect(disabledReason('reingest', item({ pipeline_status: 'ingested' }))).toMatch(/at the start/);
    expect(disabledReason('approve', item({ original_link: '/a/path' }))).toMatch(/link/);
    expect(disabledReason('approve', item({ pipeline_status: 'downloading' }))).toMatch(/before downloading/);
    expect(disabledReason('finish', item({ pipeline_status: 'complete' }))).toMatch(/complete/);
    expect(disabledReason('delete', item({ deleted_at: '2025-01-01' }))).toMatch(/restore/);
    expect(disabledReason('restore', item())).toMatch(/Not deleted/);
  });
});

describe('the changes to send', () => {
  it('is only what differs', () => {
    expect(changesTo(item(), { pipeline_status: 'parsed', error_status: true })).toEqual({ error_status: true });
    expect(changesTo(item(), {})).toEqual({});
  });
});

describe('the description of changes', () => {
  it('names each change of another user with both values', () => {
    const after = item({ pipeline_status: 'complete', error_status: true, error_condition: 'disk full' });
    expect(differences(item(), after)).toEqual([
      'Pipeline status: parsed → complete',
      'Error: no → yes',
      'Error condition: — → disk full',
    ]);
    expect(differences(item(), item({ pipeline_status: 'complete' }))).toEqual(['parsed → complete']);
    expect(differences(item(), item({ deleted_at: '2025-01-01' }))).toEqual(['Deleted: no → yes']);
    expect(differences(item(), item({ deleted_at: null }))).toEqual([]);
  });
});
