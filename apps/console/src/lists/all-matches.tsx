import { Button, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queryClient } from '#api/query-client.ts';
import { formatTotal } from '#ui/format.ts';
import type { FilterDefinition } from './define-view.ts';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

/** With more rows than these a search has found something. */
const fewRows = 20;

/** What a list without filters is called, and how many rows of it match. */
type Whole<View, Row> = {
  name: (count: number) => string;
  count: (
    view: View,
    signal: AbortSignal,
  ) => Promise<{ total: number | null; total_is_estimate?: boolean; rows?: readonly Row[] }>;
  /** Shows the rows in place if the list is empty and `count` returned all of them. */
  show?: ((rows: readonly Row[], view: View) => ReactNode) | undefined;
};

/** Where a search finds little within the filters: how many rows of the whole list match it, and the way there. */
export function AllMatches<View extends { q: string }, Row = never>({
  view,
  found,
  definition: { activeFilters, withoutFilters },
  whole: { name, count, show },
  onChange,
}: {
  /** The view on screen. */
  view: View;
  /** How many rows it has; null: unknown. */
  found: number | null;
  definition: Pick<FilterDefinition<View>, 'activeFilters' | 'withoutFilters'>;
  whole: Whole<View, Row>;
  onChange: ChangeView<View>;
}) {
  const q = view.q.trim();
  const whole = withoutFilters(view);
  const isOpen = q !== '' && found !== null && found <= fewRows && activeFilters(view).length > 0;
  const { data } = useQuery(
    {
      queryKey: ['all-matches', name(0), q],
      queryFn: ({ signal }) => count(whole, signal),
      enabled: isOpen,
      staleTime: 0,
    },
    queryClient,
  );
  const total = data?.total ?? 0;
  if (!isOpen || total <= found) return null;
  const rows = found === 0 && data?.rows?.length === total ? data.rows : [];
  return (
    <>
      <Text size="sm" mb="sm" role="note">
        {texts.allMatch(total, formatTotal(total, data?.total_is_estimate), name(total), q)}{' '}
        <Button size="compact-sm" variant="default" onClick={() => onChange(whole)}>
          {texts.showAllMatches}
        </Button>
      </Text>
      {rows.length > 0 && show?.(rows, whole)}
    </>
  );
}
