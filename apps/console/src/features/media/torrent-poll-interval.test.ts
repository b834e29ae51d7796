import type { MediaRow, Torrent, TransmissionState } from '@at/contracts/media';
import { describe, expect, it } from 'vitest';
import { expectsProgress, pollInterval, torrentOf } from './torrent-poll-interval.ts';

const state = (fields: Partial<TransmissionState>): TransmissionState => ({
  configured: true,
  reachable: true,
  detail: null,
  data: [],
  ...fields,
});
const torrent = (fields: Partial<Torrent>) => ({ status: 'downloading', percent: 40, ...fields }) as Torrent;

describe('Transmission', () => {
  it('is polled every two seconds while something downloads', () => {
    expect(pollInterval(state({ data: [torrent({ percent: 100, status: 'seeding' }), torrent({})] }))).toBe(2_000);
    expect(pollInterval(state({ data: [torrent({ status: 'checking' })] }))).toBe(2_000);
  });

  it('is polled every 15 seconds while nothing downloads or it does not respond', () => {
    expect(pollInterval(state({}))).toBe(15_000);
    expect(pollInterval(state({ data: [torrent({ percent: 100 }), torrent({ status: 'stopped' })] }))).toBe(15_000);
    expect(pollInterval(state({ reachable: false, detail: 'unreachable' }))).toBe(15_000);
    expect(pollInterval(null)).toBe(15_000);
  });

  it('is not polled if it is not configured', () => {
    expect(pollInterval(state({ configured: false, reachable: false }))).toBeUndefined();
  });

  it('has the torrent of an item only while the status of the item says so', () => {
    const listed = state({ data: [torrent({ hash: 'a' })] });
    const item = (pipeline_status: MediaRow['pipeline_status']) => ({ hash: 'a', pipeline_status }) as MediaRow;
    expect(torrentOf(listed, item('downloading'))).toBe(listed.data[0]);
    expect(torrentOf(listed, item('rejected'))).toBeUndefined();
  });

  it('is polled only while an item may have progress', () => {
    const item = (fields: Partial<MediaRow>) => ({ pipeline_status: 'parsed', ...fields }) as MediaRow;
    expect(expectsProgress([item({}), item({ pipeline_status: 'transferred' })])).toBe(false);
    expect(expectsProgress([item({ pipeline_status: 'downloading', deleted_at: '2025-01-01' })])).toBe(false);
    expect(expectsProgress([item({}), item({ pipeline_status: 'media_accepted' })])).toBe(true);
  });
});
