import { Button, Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { formatInteger } from '#ui/format.ts';
import type { FilterDefinition } from './define-view.ts';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** For a list without a match: clears what is set of its filters and its search, each by its own button. */
export function ClearButtons<View extends object>({
  view,
  definition: { activeFilters, withoutFilters },
  onChange,
  children,
}: {
  view: View;
  definition: Pick<FilterDefinition<View>, 'activeFilters' | 'withoutFilters'>;
  onChange: ChangeView<View>;
  /** Buttons before them. */
  children?: ReactNode;
}) {
  return (
    <Group justify="center">
      {children}
      {activeFilters(view).length > 0 && (
        <Button variant="default" onClick={() => onChange(withoutFilters(view))}>
          {texts.clearFilters}
        </Button>
      )}
      {'q' in view && String(view.q).trim() !== '' && (
        <Button variant="default" onClick={() => onChange({ q: '' } as object as Partial<View>)}>
          {texts.clearSearch}
        </Button>
      )}
    </Group>
  );
}

/** Where a search finds nothing: how many rows of another page match it, and the way there. */
export function MatchesElsewhere({
  q,
  page,
  count,
}: {
  /** What was searched for. */
  q: string;
  page: { name: string; path: string };
  count: (q: string, signal: AbortSignal) => Promise<number | null>;
}) {
  const text = q.trim();
  const { data } = useQuery(
    {
      queryKey: ['matches-elsewhere', page.path, text],
      queryFn: ({ signal }) => count(text, signal),
      enabled: text !== '',
      staleTime: 0,
    },
    queryClient,
  );
  if (text === '' || !data) return null;
  return (
    <Text size="sm" role="note">
      {texts.matchElsewhere(data, formatInteger(data), page.name, text)}{' '}
      <Button
        component={Link}
        to={`${page.path}?${new URLSearchParams({ q: text })}`}
        size="compact-sm"
        variant="default"
      >
        {texts.showIn(page.name)}
      </Button>
    </Text>
  );
}
