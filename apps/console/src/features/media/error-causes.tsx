import { createOperation } from '@at/contracts/bulk';
import type { ErrorCause } from '@at/contracts/media';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { previewBulk } from '#bulk/bulk-operation.ts';
import { formatInteger } from '#ui/format.ts';
import { actionIcons } from './action-icons.ts';
import styles from './error-causes.module.css';
import { causesTexts as texts } from './error-causes.texts.ts';
import { mediaErrors } from './media-errors.ts';
import { mediaTexts } from './texts.ts';
import { type MediaView, mediaView, writeView } from './view.ts';

const Reingest = actionIcons.reingest;

/** Shown before the rest. */
const most = 3;

function Cause({ found: { cause, count, example }, view }: { found: ErrorCause; view: MediaView }) {
  const [isPreparing, setPreparing] = useState(false);
  const refusal = useRefusal(createOperation.config.role);
  const isChosen = view.cause === cause;
  const retry = async () => {
    setPreparing(true);
    const labels = { title: mediaTexts.actions.reingest.name, ...mediaTexts.bulk.reingest };
    const filter = { error_status: true, cause };
    await previewBulk(labels, { subject: 'media', action: 'reingest', filter }, () => {});
    setPreparing(false);
  };
  return (
    <li className={styles.cause} data-chosen={isChosen || undefined}>
      <span className={styles.count}>{formatInteger(count)}</span>
      <Link
        className={styles.words}
        data-clamp
        to={{ search: `${writeView({ ...view, ...mediaView.firstPage, cause: isChosen ? '' : cause })}` }}
        aria-current={isChosen || undefined}
        title={example ?? undefined}
        preventScrollReset
      >
        <bdi>{mediaTexts.causeName(cause)}</bdi>
      </Link>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<Reingest size={14} />}
        loading={isPreparing}
        disabled={refusal !== null}
        title={refusal ?? undefined}
        aria-label={texts.retryOf(mediaTexts.causeName(cause))}
        onClick={() => void retry()}
      >
        {texts.retry}
      </Button>
    </li>
  );
}

/** Errors by cause: each opens as a filter, and can be tried again as a whole. */
export function ErrorCauses({ view }: { view: MediaView }) {
  const { data: found, error } = useQuery(mediaErrors, queryClient);
  const [showsAll, setShowsAll] = useState(false);
  if (error) {
    return (
      <Text size="xs" c="dimmed" mb="xs">
        {texts.failed(error.message)}
      </Text>
    );
  }
  if (!found || found.data.length === 0) return null;
  const { data: causes, total } = found;
  const shown = showsAll ? causes : causes.filter(({ cause }, index) => index < most || cause === view.cause);
  return (
    <section className={styles.causes} aria-label={texts.title}>
      <ul className={styles.list}>
        {shown.map((one) => (
          <Cause key={one.cause} found={one} view={view} />
        ))}
      </ul>
      {causes.length > shown.length && (
        <Button size="compact-xs" variant="subtle" onClick={() => setShowsAll(true)}>
          {texts.more(formatInteger(causes.length - shown.length))}
        </Button>
      )}
      {total > causes.length && (
        <Text size="xs" c="dimmed">
          {texts.others(formatInteger(total - causes.length))}
        </Text>
      )}
    </section>
  );
}
