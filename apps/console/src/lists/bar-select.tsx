import { NativeSelect } from '@mantine/core';
import styles from './filter-bar.module.css';
import { listsTexts as texts } from './texts.ts';

/** One of a few values, such as the order of the list; on a phone in the second line. */
export function BarSelect<Choice extends string>({
  label = texts.order,
  value,
  names,
  without = [],
  onChange,
}: {
  label?: string;
  value: Choice;
  names: Record<Choice, string>;
  /** Choices that are not offered now. */
  without?: readonly Choice[];
  onChange: (value: Choice) => void;
}) {
  return (
    <NativeSelect
      className={styles.order ?? ''}
      aria-label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Choice)}
      data={(Object.keys(names) as Choice[])
        .filter((choice) => !without.includes(choice))
        .map((choice) => ({ value: choice, label: names[choice] }))}
    />
  );
}
