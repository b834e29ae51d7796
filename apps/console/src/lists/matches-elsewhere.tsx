import { listMedia } from '@at/contracts/media';
import { listQueue } from '@at/contracts/queue';
import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { formatInteger } from '#ui/format.ts';
import { listsTexts as texts } from './texts.ts';

/** Pages that are searched, each with its count of matches. */
const pages = {
  media: {
    path: '/media',
    count: async (q: string, signal: AbortSignal) =>
      (await call(listMedia, { query: { q, limit: 1, count: 'exact' }, signal })).data.pagination.total,
  },
  queue: {
    path: '/queue',
    count: async (search: string, signal: AbortSignal) =>
      (await call(listQueue, { query: { search, limit: 1 }, signal })).data.total,
  },
};

/** For a search that finds nothing: how many rows of another page match it, and a link to them. */
export function MatchesElsewhere({ q, on }: { q: string; on: keyof typeof pages }) {
  const { path, count } = pages[on];
  const text = q.trim();
  const { data } = useQuery(
    {
      queryKey: ['matches-elsewhere', path, text],
      queryFn: ({ signal }) => count(text, signal),
      enabled: text !== '',
      staleTime: 0,
    },
    queryClient,
  );
  if (text === '' || !data) return null;
  const name = texts.otherPages[on];
  return (
    <Text size="sm" role="note">
      {texts.matchElsewhere(data, formatInteger(data), name, text)}{' '}
      <Button component={Link} to={`${path}?${new URLSearchParams({ q: text })}`} size="compact-sm" variant="default">
        {texts.showIn(name)}
      </Button>
    </Text>
  );
}
