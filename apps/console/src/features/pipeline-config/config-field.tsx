import { secretMask } from '@at/contracts/pipeline-config';
import { Button, NativeSelect, Switch, Textarea, TextInput, type TextInputProps } from '@mantine/core';
import { NumberField } from '#ui/number-field.tsx';
import type { Field } from './draft.ts';
import { shownValue, configTexts as texts } from './texts.ts';

type Props = {
  field: Field;
  value: unknown;
  /** The saved value. */
  saved: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
};

/** The help is below the field, so that the fields of a row are in line. */
const inputWrapperOrder: NonNullable<TextInputProps['inputWrapperOrder']> = ['label', 'input', 'description', 'error'];

const zoneList = 'time-zones';
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** What the fields for time zones offer; once on the page. */
export const zoneOptions = (
  <datalist id={zoneList}>
    {zones.map((zone) => (
      <option key={zone} value={zone} />
    ))}
  </datalist>
);

/** The input for a value, by its schema. */
export function ConfigField({ field: { key, label, help, options, schema }, value, saved, error, onChange }: Props) {
  const { default: initial } = schema;
  const isInitial = JSON.stringify(value) === JSON.stringify(initial);
  const description = [help, !isInitial && !schema['x-secret'] && texts.initial(shownValue(key, initial))]
    .filter(Boolean)
    .map((one) => (/[.!?]$/.test(`${one}`) ? one : `${one}.`))
    .join(' ');
  const words = { label, description, error };
  if (schema.type === 'boolean') {
    return <Switch {...words} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  const common = { ...words, inputWrapperOrder };
  if (schema['x-secret']) {
    const isSet = value === secretMask;
    return (
      <div>
        <TextInput
          {...common}
          type="password"
          autoComplete="new-password"
          placeholder={isSet ? texts.secretSet : ''}
          value={isSet ? '' : String(value ?? '')}
          onChange={(event) => onChange(event.currentTarget.value || saved)}
        />
        {isSet && (
          <Button mt={6} size="compact-xs" variant="default" onClick={() => onChange('')}>
            {texts.removeSecret}
          </Button>
        )}
      </div>
    );
  }
  if (schema.enum) {
    const current = String(value ?? initial);
    const wordsOf = (word: string) => options?.[word] ?? word;
    // Two codes may mean the same: it is offered once.
    const offered = schema.enum.filter((word, i, all) =>
      wordsOf(word) === wordsOf(current)
        ? word === current
        : all.findIndex((one) => wordsOf(one) === wordsOf(word)) === i,
    );
    return (
      <NativeSelect
        {...common}
        data={offered.map((word) => ({ value: word, label: wordsOf(word) }))}
        value={current}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return (
      <NumberField
        {...common}
        isOptional
        isWhole={schema.type === 'integer'}
        step={1}
        min={schema.minimum ?? 0}
        max={schema.maximum ?? Number.MAX_SAFE_INTEGER}
        placeholder={String(initial)}
        value={typeof value === 'number' || typeof value === 'string' ? value : undefined}
        // Empty is the default.
        onNumber={(number) => onChange(number ?? null)}
        // The API refuses it, so that nothing is saved that is not on screen.
        onRefused={onChange}
      />
    );
  }
  if (schema.type === 'array') {
    return (
      <Textarea
        {...common}
        rows={3}
        value={(value as string[]).join('\n')}
        onChange={(event) => onChange(event.currentTarget.value === '' ? [] : event.currentTarget.value.split('\n'))}
      />
    );
  }
  return (
    <TextInput
      {...common}
      spellCheck={false}
      autoCapitalize="off"
      {...(schema['x-zone'] && { list: zoneList })}
      value={String(value ?? '')}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
