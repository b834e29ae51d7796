import { longestText } from '@at/contracts/paging';
import { suggestQueue } from '@at/contracts/queue';
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { filterWidth, settle } from '#lists/list-filters.tsx';
import { formatInteger } from '#ui/format.ts';
import { searchId } from '#ui/search-box.tsx';
import { uiTexts } from '#ui/texts.ts';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { queueTexts as texts } from './texts.ts';

const suggestions = (q: string) =>
  queryOptions({
    queryKey: ['queue-suggestions', q],
    queryFn: async ({ signal }) => (await call(suggestQueue, { query: { q }, signal })).data.suggestions,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });

/** A text filter that suggests what the queue has; a suggestion replaces what was typed. */
export function SuggestInput({
  label,
  value,
  kind,
  onText,
}: {
  label: string;
  value: string;
  /** What is suggested; without it both, in the page's search box. */
  kind?: 'movie_code' | 'actress';
  onText: (text: string) => void;
}) {
  const list = useId();
  const [text, write] = useDebouncedValue(value, onText, settle);
  const [isActive, setActive] = useState(false);
  // What is typed is searched for at the same time.
  const q = value.trim();
  const { data = [] } = useQuery({ ...suggestions(q), enabled: isActive && q !== '' }, queryClient);
  return (
    <>
      <TextInput
        className={filterWidth}
        aria-label={label}
        title={label}
        placeholder={kind === undefined ? uiTexts.search : label}
        maxLength={longestText}
        list={list}
        autoComplete="off"
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        onFocus={() => setActive(true)}
        {...(kind === undefined && {
          id: searchId,
          type: 'search',
          leftSection: <IconSearch size={16} />,
          onKeyDown: (event) => ['Enter', 'Escape'].includes(event.key) && event.currentTarget.blur(),
        })}
      />
      <datalist id={list}>
        {data
          .filter(({ type }) => kind === undefined || type === kind)
          .map(({ type, value, items }) => (
            <option
              key={`${type} ${value}`}
              value={value}
              label={texts.suggested(value, items, formatInteger(items))}
            />
          ))}
      </datalist>
    </>
  );
}
