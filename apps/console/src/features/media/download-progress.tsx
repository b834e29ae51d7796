import type { MediaRow } from '@at/contracts/media';
import { Progress, Text } from '@mantine/core';
import { formatBytes, formatDecimal, formatDuration } from '#ui/format.ts';
import styles from './download-progress.module.css';
import { nameOf } from './items.ts';
import { mediaTexts } from './texts.ts';
import { useTorrent, useTransmission } from './torrents.ts';

const texts = mediaTexts.progress;

/** The item's download progress, if Transmission has its torrent. */
export function DownloadProgress({ item }: { item: MediaRow }) {
  const torrent = useTorrent(item);
  if (!torrent) return null;
  const { percent, rate_download, eta, error } = torrent;
  const isDone = percent >= 100;
  const facts = [
    texts.percent(formatDecimal(percent, Number.isInteger(percent) ? 0 : 1)),
    ...(isDone ? [] : [rate_download > 0 ? texts.rate(formatBytes(rate_download)) : texts.stalled]),
    ...(isDone || eta === null ? [] : [texts.left(formatDuration(eta * 1000))]),
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
    <Text size="xs" c="dimmed" mb="xs" className={styles.note ?? ''}>
      {state.configured ? texts.unreachable(state.detail ?? '') : texts.notConfigured}
    </Text>
  );
}
