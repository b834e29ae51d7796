import type { MediaRow, Torrent } from '@at/contracts/media';
import { Progress, Text } from '@mantine/core';
import { useMinute } from '#state/use-minute.ts';
import { formatBytes, formatDecimal, formatDuration, timeOf } from '#ui/format.ts';
import styles from './download-progress.module.css';
import { nameOf } from './items.ts';
import { mediaTexts } from './texts.ts';
import { lastMoved, useTorrent, useTransmission } from './torrents.ts';

const texts = mediaTexts.progress;

/** Milliseconds without data until a download counts as stalled. */
const patience = 60_000;

/** Its speed, or why it has none. */
function speedOf({ hash, status, percent, rate_download }: Torrent, { updated_at }: MediaRow): string {
  if (rate_download > 0) return texts.rate(formatBytes(rate_download));
  if (status !== 'downloading') return status;
  if (Date.now() - Math.max(timeOf(updated_at), lastMoved(hash)) >= patience) return texts.stalled;
  return percent > 0 ? texts.waiting : texts.starting;
}

/** The item's download progress, if Transmission has its torrent. */
export function DownloadProgress({ item }: { item: MediaRow }) {
  const torrent = useTorrent(item);
  useMinute();
  if (!torrent) return null;
  const { percent, eta, rate_download, error } = torrent;
  const isDone = percent >= 100;
  const facts = [
    texts.percent(formatDecimal(percent, Number.isInteger(percent) ? 0 : 1)),
    ...(isDone ? [] : [speedOf(torrent, item)]),
    ...(isDone || !eta || rate_download === 0 ? [] : [texts.left(formatDuration(eta * 1000))]),
  ];
  return (
    <div className={styles.progress}>
      <Progress.Root size={4}>
        <Progress.Section value={percent} aria-label={texts.label(nameOf(item))} />
      </Progress.Root>
      <span className={styles.facts}>{facts.join(' · ')}</span>
      {error && <span className={styles.error}>{texts.torrentError(error)}</span>}
    </div>
  );
}

/** Why no progress is shown. */
export function TransmissionNote() {
  const state = useTransmission();
  if (state === null || state.reachable) return null;
  return (
    <Text size="xs" c="dimmed" mt="xs" className={styles.note ?? ''}>
      {state.configured ? texts.unreachable(state.detail ?? '') : texts.notConfigured}
    </Text>
  );
}
