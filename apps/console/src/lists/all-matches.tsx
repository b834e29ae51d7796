import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { formatTotal } from '#ui/format.ts';
import type { FilterDefinition } from './define-view.ts';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** With more rows than these a search has found something. */
const fewRows = 20;

/** What a list without filters is called, and how many rows of it match. */
type Whole<View> = {
  name: string;
  count: (view: View, signal: AbortSignal) => Promise<{ total: number | null; total_is_estimate?: boolean }>;
};

/** Where a search finds little within the filters: how many rows of the whole list match it, and the way there. */
export function AllMatches<View extends { q: string }>({
  view,
  found,
  definition: { activeFilters, withoutFilters },
  whole: { name, count },
  onChange,
}: {
  /** The view on screen. */
  view: View;
  /** How many rows it has; null: unknown. */
  found: number | null;
  definition: Pick<FilterDefinition<View>, 'activeFilters' | 'withoutFilters'>;
  whole: Whole<View>;
  onChange: ChangeView<View>;
}) {
  const q = view.q.trim();
  const whole = withoutFilters(view);
  const isOpen = q !== '' && found !== null && found <= fewRows && activeFilters(view).length > 0;
  const { data } = useQuery(
    {
      queryKey: ['all-matches', name, q],
      queryFn: ({ signal }) => count(whole, signal),
      enabled: isOpen,
      staleTime: 0,
    },
    queryClient,
  );
  const total = data?.total ?? 0;
  if (!isOpen || total <= found) return null;
  return (
    <Text size="sm" mb="sm" role="note">
      {texts.allMatch(formatTotal(total, data?.total_is_estimate), name, q)}{' '}
      <Button size="compact-sm" variant="default" onClick={() => onChange(whole)}>
        {texts.showAllMatches}
      </Button>
    </Text>
  );
}
