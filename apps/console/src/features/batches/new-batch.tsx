import type { BatchCreated } from '@at/contracts/batches';
import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { once } from '#ui/double-clicks.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { Status } from '#ui/status.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { makeBatch, previewBatch } from './actions.ts';
import { addressOf, besideList, withoutNew } from './batch-columns.tsx';
import { batchesTexts } from './texts.ts';

const texts = batchesTexts.create;

/** Lines of each list. */
const mostShown = 20;

function Skips({ preview: { skipped, skipped_groups } }: { preview: BatchCreated }) {
  if (skipped.length === 0) return null;
  const shown = skipped.slice(0, mostShown);
  const more = Object.values(skipped_groups).reduce((sum, count) => sum + count, 0) - shown.length;
  return (
    <section aria-label={texts.skipped}>
      <Text fw={600}>{texts.skipped}</Text>
      <Stack component="ul" gap={2} m={0} pl="md">
        {shown.map(({ path, files, size_bytes, reason }) => (
          <li key={path} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{path}</bdi>{' '}
            <Text span size="sm" c="dimmed">
              {`${batchesTexts.files(files, formatInteger(files))}, ${formatBytes(size_bytes)}: ${texts.reasons[reason]}`}
            </Text>
          </li>
        ))}
      </Stack>
      {more > 0 && <Text c="dimmed">{texts.skippedMore(formatInteger(more))}</Text>}
    </section>
  );
}

function Preview({ preview }: { preview: BatchCreated }) {
  const { reason, batch_name, file_count, size_bytes, files } = preview;
  const shown = files.slice(0, mostShown);
  return (
    <Stack gap="sm">
      {reason === null ? (
        <>
          <Facts look="plain">
            <Fact name={texts.name}>
              <bdi>{batch_name}</bdi>
            </Fact>
            <Fact name={texts.from}>
              {`${batchesTexts.files(file_count, formatInteger(file_count))}, ${formatBytes(size_bytes)}`}
            </Fact>
          </Facts>
          <Stack component="ul" gap={2} m={0} pl="md" mah={240} style={{ overflow: 'auto', overflowWrap: 'anywhere' }}>
            {shown.map((path) => (
              <li key={path}>
                <bdi>{path}</bdi>
              </li>
            ))}
          </Stack>
          {files.length > shown.length && (
            <Text c="dimmed">{texts.show(formatInteger(shown.length), formatInteger(files.length))}</Text>
          )}
        </>
      ) : (
        <Status tone={reason === 'nothing_to_do' ? 'neutral' : 'warning'}>{preview.message}</Status>
      )}
      <Skips preview={preview} />
    </Stack>
  );
}

/** Shows what the next batch would be, and makes it. */
export function NewBatch({ onClose }: { onClose: () => void }) {
  const [opened] = useOpenOnMount();
  const navigate = useNavigate();
  const { search } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const { data, error, refetch } = useQuery(
    {
      queryKey: ['new-batch'],
      queryFn: ({ signal }) => previewBatch(signal),
      gcTime: 0,
      staleTime: Number.POSITIVE_INFINITY,
      retry: false,
    },
    queryClient,
  );
  const make = async () => {
    setBusy(true);
    const id = await makeBatch();
    if (id === null) onClose();
    else void navigate(addressOf(id, withoutNew(search)), besideList);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={texts.title} size="lg">
      {data ? (
        <Preview preview={data} />
      ) : error ? (
        <LoadFailure what={texts.what} error={error} retry={refetch} />
      ) : (
        <Skeleton height={160} radius="md" role="status" aria-label={texts.loading} />
      )}
      <Group mt="lg" justify="flex-end" {...once}>
        {data?.blocking_batch && (
          <Button
            variant="default"
            component={Link}
            to={addressOf(data.blocking_batch_id as number, withoutNew(search))}
            onClick={onClose}
            {...besideList}
          >
            {texts.toBlocker(data.blocking_batch)}
          </Button>
        )}
        <Button variant="default" onClick={onClose}>
          {texts.close}
        </Button>
        {data?.reason === null && (
          <Button data-autofocus loading={isBusy} onClick={() => void make()}>
            {texts.make}
          </Button>
        )}
      </Group>
    </Modal>
  );
}
