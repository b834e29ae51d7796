import { listOperationItems, type OperationItem } from '@at/contracts/bulk';
import { listTaskRuns } from '@at/contracts/runs';
import { Button, Group, Modal, Progress, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { Link } from 'react-router';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { keyOf } from '#live/invalidations.ts';
import { useStore } from '#state/store.ts';
import { changesOf } from '#ui/describe-changes.ts';
import { once } from '#ui/double-clicks.ts';
import { formatInteger } from '#ui/format.ts';
import { notifyError } from '#ui/notify.tsx';
import { Status } from '#ui/status.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import styles from './bulk-dialog.module.css';
import {
  type Bulk,
  bulkShown,
  closeBulk,
  describeCounts,
  endedItems,
  followUndo,
  hasEnded,
  runBulk,
  stopBulk,
  undoBulk,
} from './bulk-operation.ts';
import { bulkTexts } from './texts.ts';

/** A state as a sentence, which may take several lines. */
function StateSentence(state: Parameters<typeof Status>[0]) {
  return (
    <div className={styles.sentence}>
      <Status {...state} />
    </div>
  );
}

function Items({ items, rest }: { items: OperationItem[]; rest: number }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be scrollable by keyboard
    <ul className={styles.items} tabIndex={0}>
      {items.map((item) => (
        <li key={item.position}>
          <bdi>{item.title ?? item.key}</bdi>
          {item.result !== 'pending' && <span className={styles.result}>{bulkTexts.results[item.result]}</span>}
          {[...changesOf(item), ...(item.problem === null ? [] : [item.problem])].map((text) => (
            <span key={text} className={styles.change}>
              {text}
            </span>
          ))}
        </li>
      ))}
      {rest > 0 && <li className={styles.rest}>{bulkTexts.sample(rest, formatInteger(rest))}</li>}
    </ul>
  );
}

/** The items that were not done, with the reasons; loaded once the change has ended. */
function Attention({ operation }: Pick<Bulk, 'operation'>) {
  const [read, setRead] = useState<{ items: OperationItem[]; cursor: string | null }>();
  const { conflict, failed } = operation.counts;
  const load = async (cursor: string | null) => {
    try {
      const { data } = await call(listOperationItems, {
        params: { operation_id: operation.operation_id },
        query: { result: ['conflict', 'failed'], limit: 50, ...(cursor === null ? {} : { cursor }) },
      });
      setRead((before) => ({
        items: [...(before?.items ?? []), ...data.data],
        cursor: data.pagination.next_cursor,
      }));
    } catch (error) {
      notifyError(bulkTexts.progressUnknown, error);
    }
  };
  const any = conflict + failed > 0;
  useEffect(() => {
    if (any) void load(null);
  }, [any, operation.operation_id]);
  if (!read || read.items.length === 0) return null;
  return (
    <section aria-label={bulkTexts.attention}>
      <Text size="sm" fw={600}>
        {bulkTexts.attention}
      </Text>
      <Items items={read.items} rest={0} />
      {read.cursor !== null && (
        <Button size="compact-sm" variant="default" onClick={() => void load(read.cursor)}>
          {bulkTexts.more}
        </Button>
      )}
    </section>
  );
}

function Preview({ bulk, run }: { bulk: Bulk; run: () => void }) {
  const { operation, sample, verb, warning } = bulk;
  const { total } = operation;
  const items = bulkTexts.items(total, formatInteger(total), operation.subject);
  return (
    <>
      <Text size="sm">{total === 0 ? bulkTexts.nothing : bulkTexts.preview(total, items)}</Text>
      {warning && total > 0 && <StateSentence tone="warning">{warning}</StateSentence>}
      <Items items={sample} rest={total - sample.length} />
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={closeBulk}>
          {total === 0 ? bulkTexts.close : bulkTexts.cancel}
        </Button>
        {total > 0 && (
          <Button data-autofocus onClick={run}>
            {verb} {items}
          </Button>
        )}
      </Group>
    </>
  );
}

/** A link to the change in Activity. */
function InActivity({ operation }: Pick<Bulk, 'operation'>) {
  return (
    <Button
      variant="subtle"
      component={Link}
      to={`/activity/${operation.operation_id}?tab=operations`}
      onClick={closeBulk}
    >
      {bulkTexts.inActivity}
    </Button>
  );
}

/** Says so if no worker has the change. */
function Waiting({ operation: { operation_id: subject_id } }: Pick<Bulk, 'operation'>) {
  const { data } = useQuery(
    {
      queryKey: keyOf('run', 'of operation', subject_id),
      queryFn: async () =>
        (await call(listTaskRuns, { query: { subject_type: 'operation', subject_id, limit: 1 } })).data.data[0],
      refetchInterval: 1_000,
    },
    queryClient,
  );
  if (!data || !['pending', 'queued', 'retrying'].includes(data.state)) return null;
  return <StateSentence tone="warning">{bulkTexts.waiting}</StateSentence>;
}

function Running({ bulk }: { bulk: Bulk }) {
  const { operation, lost } = bulk;
  const ended = endedItems(operation);
  const text = bulkTexts.progress(formatInteger(ended), formatInteger(operation.total));
  return (
    <>
      <Progress value={(100 * ended) / Math.max(1, operation.total)} aria-label={text} />
      <Text size="sm" role="status">
        {text}
      </Text>
      {ended === 0 && lost === null && <Waiting operation={operation} />}
      {lost && <StateSentence tone="warning">{`${bulkTexts.progressUnknown}. ${lost}`}</StateSentence>}
      <Text size="sm" c="dimmed">
        {operation.state === 'cancelling' ? bulkTexts.stopping : bulkTexts.continues}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" disabled={operation.state === 'cancelling'} onClick={() => void stopBulk(bulk)}>
          {bulkTexts.stop}
        </Button>
        <Button variant="default" onClick={closeBulk}>
          {bulkTexts.hide}
        </Button>
      </Group>
    </>
  );
}

function Ended({ bulk, onEnded }: { bulk: Bulk; onEnded: () => void }) {
  const { operation } = bulk;
  const { conflict, failed } = operation.counts;
  useEffect(() => (operation.can_invert ? followUndo(operation) : undefined), [operation.operation_id]);
  return (
    <>
      <StateSentence tone={conflict + failed > 0 ? 'warning' : 'good'}>{describeCounts(operation)}</StateSentence>
      <Attention operation={operation} />
      <Group justify="flex-end" gap="xs">
        <InActivity operation={operation} />
        {operation.can_invert && (
          <Button variant="default" onClick={() => void undoBulk(bulk, onEnded)}>
            {bulkTexts.undo}
          </Button>
        )}
        <Button onClick={closeBulk}>{bulkTexts.close}</Button>
      </Group>
    </>
  );
}

/**
 * The dialog of a bulk change: its preview, progress and result. Shown while `bulkShown` holds one.
 */
export function BulkDialog({ onEnded }: { onEnded: () => void }) {
  const bulk = useStore(bulkShown);
  const [mounted] = useOpenOnMount();
  return (
    <Modal
      opened={mounted && bulk !== null}
      onClose={closeBulk}
      title={<span className={styles.title}>{bulk?.title}</span>}
      size="md"
    >
      {bulk && (
        // The next step's buttons come into the same place.
        <Stack gap="sm" {...once}>
          {bulk.operation.state === 'previewed' && !bulk.started ? (
            <Preview bulk={bulk} run={() => void runBulk(bulk, onEnded)} />
          ) : hasEnded(bulk.operation) ? (
            <Ended bulk={bulk} onEnded={onEnded} />
          ) : (
            <Running bulk={bulk} />
          )}
        </Stack>
      )}
    </Modal>
  );
}
