import { Drawer, MultiSelect, NativeSelect } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { known } from '#ui/known-word.ts';
import { filterOptions } from '#ui/matching.ts';
import { NumberField } from '#ui/number-field.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { useIsPhone } from '#ui/use-is-phone.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import type { Bounds } from './define-view.ts';
import styles from './filter-panel.module.css';
import { listsTexts as texts } from './texts.ts';
import type { ChangeView } from './use-view.ts';

type Limits = { min: number; max: number };
type Option = { value: string; label: string };

/** Reads words that the rows have, also those that only the database knows. */
type MoreWords = () => Promise<readonly string[]>;

/** A filter of the panel: one of a few values, several of many, or a range of a column. */
export type FilterField<View> = { label: string } & (
  | { name: keyof View & string; options: Record<string, string>; more?: MoreWords }
  | { name: keyof View & string; choices: readonly Option[]; wide?: true; more?: MoreWords }
  | {
      column: string;
      /** Of the values on screen. */
      limits: Limits;
      /** How many times larger the API's values are; 1 if not given. */
      scale?: number;
    }
);

const round = (value: number) => Number(value.toFixed(6));

/** Milliseconds without typing before a bound counts. */
const settle = 400;

/** The words that `more` reads; none until they are read. */
function useWords(more: MoreWords | undefined): readonly string[] {
  const [words, setWords] = useState<readonly string[]>([]);
  useEffect(() => {
    // Without them the filter offers the known words.
    more?.().then(setWords, () => {});
  }, [more]);
  return words;
}

/** One of a few values. */
function OptionsField({
  label,
  options,
  more,
  value,
  onChange,
}: {
  label: string;
  options: Record<string, string>;
  more?: MoreWords;
  value: string;
  onChange: (value: string) => void;
}) {
  const values = new Set([...Object.keys(options), ...useWords(more), value]);
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[...values].map((one) => ({ value: one, label: known(options, one) ?? one }))}
    />
  );
}

/** Several of many values, in the order of `choices`, so that one filter has one address. */
function ChoicesField({
  label,
  choices,
  wide = false,
  more,
  value,
  onChange,
}: {
  label: string;
  choices: readonly Option[];
  wide?: boolean;
  more?: MoreWords;
  value: string[];
  onChange: (values: string[]) => void;
}) {
  // The URL may name values that the list does not offer.
  const named = new Set([...useWords(more), ...value]);
  const others = [...named].filter((one) => choices.every((choice) => choice.value !== one));
  const all = [...choices, ...others.map((one) => ({ value: one, label: one }))];
  return (
    <MultiSelect
      className={(wide ? styles.wide : undefined) ?? ''}
      label={label}
      placeholder={value.length > 0 ? '' : texts.any}
      searchable
      filter={filterOptions}
      clearable
      limit={60}
      value={value}
      onChange={(chosen) => onChange(all.map((option) => option.value).filter((one) => chosen.includes(one)))}
      data={all}
    />
  );
}

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
  const [draft, write] = useDebouncedValue(value, onChange, settle);
  return (
    <NumberField
      isOptional
      aria-label={name}
      placeholder={placeholder}
      {...limits}
      step={limits.max <= 1 ? 0.05 : 1}
      value={draft}
      onNumber={(bound) => write(bound)}
    />
  );
}

/** From one number to another; either may be missing. */
function RangeField({
  column,
  label,
  limits,
  scale = 1,
  bounds,
  onChange,
}: {
  column: string;
  label: string;
  limits: Limits;
  scale?: number;
  bounds: Bounds<string>;
  onChange: (bounds: Bounds<string>) => void;
}) {
  const bound = (end: 'min' | 'max', name: string, placeholder: string) => {
    const key = `${column}_${end}` as const;
    const { [key]: value, ...others } = bounds;
    return (
      <Bound
        name={name}
        placeholder={placeholder}
        limits={limits}
        value={value === undefined ? undefined : Number(value) / scale}
        // Rounded, because 6.9 * 10 is not 69.
        onChange={(next) => onChange(next === undefined ? others : { ...others, [key]: round(next * scale) })}
      />
    );
  };
  return (
    <fieldset className={styles.range}>
      <legend>
        <span>{label}</span>
      </legend>
      <div>
        {bound('min', texts.atLeast(label), texts.from)}
        {bound('max', texts.atMost(label), texts.to)}
      </div>
    </fieldset>
  );
}

type PanelProps<View> = {
  fields: readonly FilterField<View>[];
  view: View;
  onChange: ChangeView<View>;
};

/** Every filter of a list: below its bar, on a phone in a sheet. */
export function FilterPanel<View extends { bounds?: object }>({
  onClose,
  ...props
}: PanelProps<View> & { onClose: () => void }) {
  if (!useIsPhone()) return <Fields {...props} />;
  return (
    <FilterSheet onClose={onClose}>
      <Fields {...props} />
    </FilterSheet>
  );
}

/** Filters on a phone. */
export function FilterSheet({ onClose, children }: { onClose: () => void; children: ReactNode }) {
  const [opened, close] = useOpenOnMount();
  return (
    <Drawer
      opened={opened}
      onClose={close}
      onExitTransitionEnd={onClose}
      position="bottom"
      size="auto"
      title={texts.filters}
      classNames={{ content: styles.sheet as string }}
    >
      {children}
    </Drawer>
  );
}

function Fields<View extends { bounds?: object }>({ fields, view, onChange }: PanelProps<View>) {
  const set = (name: string, value: unknown, replace = false) =>
    onChange({ [name]: value } as Partial<View>, { replace });
  return (
    <section className={styles.panel} aria-label={texts.filters}>
      {fields.map((field) => {
        if ('column' in field) {
          const bounds = (view.bounds ?? {}) as Bounds<string>;
          return (
            <RangeField key={field.column} {...field} bounds={bounds} onChange={(next) => set('bounds', next, true)} />
          );
        }
        const { name } = field;
        const value = view[name];
        return 'options' in field ? (
          <OptionsField key={name} {...field} value={value as string} onChange={(chosen) => set(name, chosen)} />
        ) : (
          <ChoicesField key={name} {...field} value={value as string[]} onChange={(values) => set(name, values)} />
        );
      })}
    </section>
  );
}
