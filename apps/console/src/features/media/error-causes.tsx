import { createOperation } from '@at/contracts/bulk';
import type { ErrorCause } from '@at/contracts/media';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { previewBulk } from '#bulk/bulk-operation.ts';
import { CauseList } from '#ui/cause-list.tsx';
import { formatInteger } from '#ui/format.ts';
import { actionIcons } from './action-icons.ts';
import { causesTexts as texts } from './error-causes.texts.ts';
import { mediaErrors } from './media-errors.ts';
import { mediaTexts } from './texts.ts';
import { type MediaView, mediaView, writeView } from './view.ts';

const Reingest = actionIcons.reingest;

function ReingestAll({ cause }: Pick<ErrorCause, 'cause'>) {
  const [isPreparing, setPreparing] = useState(false);
  const refusal = useRefusal(createOperation.config.role);
  const retry = async () => {
    setPreparing(true);
    const labels = { title: mediaTexts.actions.reingest.name, ...mediaTexts.bulk.reingest };
    const filter = { error_status: true, cause };
    await previewBulk(labels, { subject: 'media', action: 'reingest', filter }, () => {});
    setPreparing(false);
  };
  return (
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
  );
}

/** Errors by cause: each opens as a filter, and can be tried again as a whole. */
export function ErrorCauses({ view }: { view: MediaView }) {
  const { data: found, error } = useQuery(mediaErrors, queryClient);
  if (!found) {
    return (
      error && (
        <Text size="xs" c="dimmed" mb="xs">
          {texts.failed(error.message)}
        </Text>
      )
    );
  }
  const { data: causes, total } = found;
  const rows = causes.map(({ cause, count, example }) => {
    const isChosen = view.cause === cause;
    const search = `${writeView({ ...view, ...mediaView.firstPage, cause: isChosen ? '' : cause })}`;
    const children = <ReingestAll cause={cause} />;
    const text = mediaTexts.causeName(cause);
    return { key: cause, count, text, title: example ?? undefined, to: { search }, isChosen, children };
  });
  return (
    <CauseList
      label={texts.title}
      causes={rows}
      note={
        total > causes.length && (
          <Text size="xs" c="dimmed">
            {texts.others(formatInteger(total - causes.length))}
          </Text>
        )
      }
    />
  );
}
