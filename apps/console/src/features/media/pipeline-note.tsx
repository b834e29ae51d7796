import { listActivity } from '@at/contracts/activity';
import type { MediaRow } from '@at/contracts/media';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useServerInfo } from '#api/server-info.ts';
import { keyOf } from '#live/invalidations.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { likelyAction } from './items.ts';
import { mediaTexts } from './texts.ts';

const texts = mediaTexts.pipeline;

/** How many changes are searched for the latest one of the pipeline: other changes that bypass the API add and delete items. */
const latest = 50;

/** For an item that is at the start of the pipeline, or would be by the recommended action: what moves it on from there. */
export function PipelineNote({ item }: { item: MediaRow }) {
  const isThere = item.deleted_at == null && item.pipeline_status === 'ingested' && !item.error_status;
  const isNext = likelyAction(item)?.action === 'reingest';
  const isDemo = useServerInfo()?.demo ?? false;
  const { data: seen } = useQuery(
    {
      queryKey: keyOf('media-history', 'pipeline'),
      queryFn: async ({ signal }) => {
        const query = { type: ['media.changed' as const], actor: 'database', limit: latest };
        const { data } = await call(listActivity, { query, signal });
        return data.data.find(({ operation }) => operation !== 'insert' && operation !== 'delete')?.at ?? null;
      },
      enabled: (isThere || isNext) && !isDemo,
    },
    queryClient,
  );
  if (!isThere && !isNext) return null;
  return (
    <Text size="sm" c="dimmed">
      {texts.picksUp} {isDemo && texts.demo}
      {!isDemo && seen === null && texts.notSeen}
      {!isDemo && seen && (
        <>
          {texts.seen} <RelativeTime at={seen} />.
        </>
      )}
    </Text>
  );
}
