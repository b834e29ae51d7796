import { Alert, Button, Drawer, Group, Skeleton, Stack, Text } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { useLoaderData, useLocation, useNavigate } from 'react-router';
import { ApiProblem } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { DownloadProgress } from './download-progress.tsx';
import { ItemActions, RecommendedAction } from './item-actions.tsx';
import styles from './item-drawer.module.css';
import type { ItemData } from './item-loader.ts';
import { ItemNeighbours } from './item-neighbours.tsx';
import { nameOf } from './items.ts';
import { setOverlay } from './media-changes.ts';
import { useMediaItem } from './media-rows.ts';
import { DeletedBadge, ErrorBadge, PipelineBadge, RejectionBadge } from './pipeline-status.tsx';
import { mediaTexts as texts } from './texts.ts';
import { expectsProgress } from './torrent-poll-interval.ts';
import { usePolledTorrents } from './torrents.ts';

const StatusForm = lazyPart(() => import('./status-form.tsx'), 'StatusForm');
const PipelineNote = lazyPart(() => import('./pipeline-note.tsx'), 'PipelineNote');
const ItemFacts = lazyPart(() => import('./item-facts.tsx'), 'ItemFacts');
const ItemTitle = lazyPart(() => import('./item-title.tsx'), 'ItemTitle');
const ItemTimeline = lazyPart(() => import('./item-timeline.tsx'), 'ItemTimeline');

function Failure({ hash, failure }: { hash: string; failure: unknown }) {
  const problem = failure instanceof ApiProblem ? failure.problem : undefined;
  const isMissing = problem?.status === 404;
  const isMalformed = problem?.status === 422;
  const { details } = texts;
  return (
    <Alert
      color="yellow"
      role="alert"
      title={isMissing ? details.notFound : isMalformed ? details.notFound : details.failed}
      style={{ overflowWrap: 'anywhere' }}
    >
      {isMissing && details.notFoundText(hash)}
      {isMalformed && details.notAHash(hash)}
      {!isMissing && !isMalformed && (failure instanceof Error ? failure.message : String(failure))}
      {problem && (
        <Text size="xs" mt={4}>
          {details.request(problem.instance)}
        </Text>
      )}
    </Alert>
  );
}

function Item({ data }: { data: Extract<ItemData, { item: unknown }> }) {
  const item = useMediaItem(data.item);
  usePolledTorrents(expectsProgress([item]));
  const { details } = texts;
  return (
    <Stack gap="lg">
      <div>
        <Text size="sm" c="dimmed" className={styles.release ?? ''} dir="auto">
          {item.original_title}
        </Text>
        <div className={styles.marks}>
          {item.deleted_at != null && <DeletedBadge />}
          <PipelineBadge status={item.pipeline_status} />
          <RejectionBadge status={item.rejection_status} />
          {item.error_status && <ErrorBadge />}
        </div>
        <DownloadProgress item={item} />
      </div>
      {item.deleted_at != null && (
        <Alert variant="default" title={<DeletedBadge />}>
          {details.deletedNote}
        </Alert>
      )}
      {item.error_status && (
        <Alert color="red" title={<ErrorBadge />} className={styles.reason ?? ''}>
          <span dir="auto">{item.error_condition ?? details.errorUnknown}</span>
        </Alert>
      )}
      {item.rejection_reason !== null && (
        <Alert variant="default" title={texts.fields.rejection_reason} className={styles.reason ?? ''}>
          <span dir="auto">{item.rejection_reason}</span>
        </Alert>
      )}
      <RecommendedAction item={item} />
      <Suspense>
        <PipelineNote item={item} />
      </Suspense>
      <ItemActions item={item} />
      <Suspense fallback={<Skeleton height={240} radius="md" role="status" aria-label={details.loading} />}>
        <StatusForm item={item} />
        <ItemTitle item={item} title={data.title} />
        <ItemTimeline item={item} />
        <ItemFacts item={item} />
      </Suspense>
    </Stack>
  );
}

/** Everything about one item, beside the list it was opened from; its address can be shared. */
export function ItemDrawer() {
  const data = useLoaderData<ItemData>();
  useSource(data.url, 1);
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const [opened] = useOpenOnMount();
  const item = 'item' in data ? data.item : undefined;
  // The list may show an older state of the row.
  useEffect(() => {
    if (item) setOverlay(item);
  }, [item]);
  // Goes back if it was opened from the list; a link has no list to go back to.
  const close = () =>
    (state as { fromList?: boolean } | null)?.fromList
      ? navigate(-1)
      : navigate({ pathname: '/media', search }, { replace: true, preventScrollReset: true });
  return (
    <Drawer
      opened={opened}
      onClose={() => void close()}
      position="right"
      size={620}
      title={<bdi className={styles.name}>{item ? nameOf(item) : texts.details.title}</bdi>}
    >
      {'failure' in data ? (
        <Stack>
          <Failure hash={data.hash} failure={data.failure} />
          <Group>
            <Button variant="default" onClick={() => void close()}>
              {texts.close}
            </Button>
          </Group>
        </Stack>
      ) : (
        <>
          <ItemNeighbours hash={data.hash} />
          <Item key={data.hash} data={data} />
        </>
      )}
    </Drawer>
  );
}
