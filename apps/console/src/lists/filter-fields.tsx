import { Group, MultiSelect, NativeSelect, NumberInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import styles from './filter-fields.module.css';
import { listsTexts as texts } from './texts.ts';

/** What a list's filters are made of: a word, several words, or a range. */

/** Milliseconds the typing rests before a bound counts. */
const settle = 400;

/** Every filter of a list; `end` holds what concerns all of them. */
export function FilterPanel({ end, children }: { end?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.panel} aria-label={texts.filters}>
      {children}
      {end && (
        <Group className={styles.end ?? ''} gap="xs">
          {end}
        </Group>
      )}
    </section>
  );
}

/** One of a few words, each under the name that it is shown by. */
export function ChoiceField({
  label,
  options,
  value,
  onChange,
}: {
  label: string;
  options: Record<string, string>;
  value: string;
  onChange: (word: string) => void;
}) {
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={Object.entries(options).map(([word, name]) => ({ value: word, label: name }))}
    />
  );
}

type Option = { value: string; label: string };

/** Any of many words. They are given in the order of `options`, so that one filter has one address. */
export function WordsField({
  label,
  options,
  value,
  wide = false,
  onChange,
}: {
  label: string;
  options: readonly Option[];
  value: string[];
  wide?: boolean;
  onChange: (words: string[]) => void;
}) {
  // An address may name what is not on offer.
  const others = value.filter((word) => options.every((option) => option.value !== word));
  const all = [...options, ...others.map((word) => ({ value: word, label: word }))];
  return (
    <MultiSelect
      className={(wide ? styles.wide : undefined) ?? ''}
      label={label}
      placeholder={value.length > 0 ? '' : texts.any}
      searchable
      clearable
      limit={60}
      value={value}
      onChange={(words) => onChange(all.map((option) => option.value).filter((word) => words.includes(word)))}
      data={all}
    />
  );
}

type Limits = { min: number; max: number };

function Bound({
  name,
  placeholder,
  limits,
  value,
  onChange,
}: {
  name: string;
  placeholder: string;
  limits: Limits;
  value: number | undefined;
  onChange: (bound: number | undefined) => void;
}) {
  const [draft, write] = useDebouncedValue<number | string>(
    value ?? '',
    (bound) => onChange(typeof bound === 'number' ? bound : undefined),
    settle,
  );
  return (
    <NumberInput
      aria-label={name}
      placeholder={placeholder}
      {...limits}
      step={limits.max <= 1 ? 0.05 : 1}
      hideControls
      value={draft}
      // A text is a number that has still to become one, such as "7.".
      onChange={(bound) => write(bound, typeof bound === 'number' || bound === '')}
    />
  );
}

/** From one number to another, either of which may be missing. */
export function RangeField({
  label,
  limits,
  min,
  max,
  onMin,
  onMax,
}: {
  label: string;
  /** What can be asked for. */
  limits: Limits;
  min: number | undefined;
  max: number | undefined;
  onMin: (bound: number | undefined) => void;
  onMax: (bound: number | undefined) => void;
}) {
  return (
    <fieldset className={styles.range}>
      <legend>
        <span>{label}</span>
      </legend>
      <div>
        <Bound name={texts.atLeast(label)} placeholder={texts.from} limits={limits} value={min} onChange={onMin} />
        <Bound name={texts.atMost(label)} placeholder={texts.to} limits={limits} value={max} onChange={onMax} />
      </div>
    </fieldset>
  );
}

/** A view's bounds with another one among them; undefined takes it away. */
export function withBound<Bounds extends object>(
  bounds: Bounds,
  name: keyof Bounds,
  bound: number | undefined,
): Bounds {
  const { [name]: _before, ...others } = bounds;
  return (bound === undefined ? others : { ...others, [name]: bound }) as Bounds;
}
