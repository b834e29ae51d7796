import { longestText } from '@at/contracts/paging';
import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { uiTexts } from './texts.ts';
import { useDebouncedValue } from './use-debounced-value.ts';

/** Milliseconds without typing before the search starts. */
const settle = 180;

/** The id of the page's search box. */
export const searchId = 'search';
export const focusSearch = () => document.getElementById(searchId)?.focus();

/** A list's search as you type. Enter and Escape leave it, so that the page's keys work again. */
export function SearchBox({
  value,
  onSearch,
  ...input
}: {
  className: string | undefined;
  'aria-label': string;
  /** The current search. */
  value: string;
  onSearch: (text: string) => void;
}) {
  const [text, write] = useDebouncedValue(value, onSearch, settle);
  return (
    <TextInput
      {...input}
      id={searchId}
      className={input.className ?? ''}
      type="search"
      placeholder={uiTexts.search}
      title={input['aria-label']}
      maxLength={longestText}
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => write(event.currentTarget.value)}
      onKeyDown={(event) => ['Enter', 'Escape'].includes(event.key) && event.currentTarget.blur()}
    />
  );
}
