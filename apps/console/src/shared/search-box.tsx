import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';

/** Milliseconds the typing rests before a list is searched. */
const settle = 180;

/** A list's search as you type. Enter and Escape leave it, so that the page's keys work again. */
export function SearchBox({
  value,
  onSearch,
  ...input
}: {
  id: string;
  className: string | undefined;
  'aria-label': string;
  placeholder: string;
  /** Characters that the API takes at most. */
  maxLength: number;
  /** What is searched for now. */
  value: string;
  onSearch: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const search = useDebouncedCallback(onSearch, settle);
  // Back and forward change the URL without the input.
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      {...input}
      className={input.className ?? ''}
      type="search"
      leftSection={<IconSearch size={16} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      onKeyDown={(event) => ['Enter', 'Escape'].includes(event.key) && event.currentTarget.blur()}
    />
  );
}
