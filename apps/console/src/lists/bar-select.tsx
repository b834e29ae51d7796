import { NativeSelect } from '@mantine/core';
import styles from './filter-bar.module.css';
import { listsTexts as texts } from './texts.ts';

/** One of a few words, such as the order of the list; on a phone in the second line. */
export function BarSelect<Word extends string>({
  label = texts.order,
  value,
  names,
  onChange,
}: {
  label?: string;
  value: Word;
  names: Record<Word, string>;
  onChange: (word: Word) => void;
}) {
  return (
    <NativeSelect
      className={styles.order ?? ''}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Word)}
      data={(Object.keys(names) as Word[]).map((word) => ({ value: word, label: names[word] }))}
    />
  );
}
