import { Button, NativeSelect, Switch, Textarea, TextInput } from '@mantine/core';
import { type Field, isMask } from './draft.ts';
import { shownValue, configTexts as texts } from './texts.ts';

type Props = {
  field: Field;
  value: unknown;
  /** The saved value. */
  saved: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
};

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
export function ConfigField({ field: { schema }, value, saved, error, onChange }: Props) {
  const { title = '', description = '', default: initial } = schema;
  const isInitial = JSON.stringify(value) === JSON.stringify(initial);
  const said = [description, !isInitial && !schema['x-secret'] && texts.initial(shownValue(initial))]
    .filter(Boolean)
    .map((one) => (/[.!?]$/.test(`${one}`) ? one : `${one}.`))
    .join(' ');
  const common = {
    label: title,
    description: said,
    error,
    inputWrapperOrder: ['label', 'input', 'description', 'error'] as const as unknown as ('label' | 'input')[],
  };
  if (schema.type === 'boolean') {
    return (
      <Switch
        label={title}
        description={said}
        error={error}
        checked={value === true}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (schema['x-secret']) {
    const isSet = isMask(value);
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
    return (
      <NativeSelect
        {...common}
        data={schema.enum}
        value={String(value ?? initial)}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (schema.type === 'integer' || schema.type === 'number') {
    return (
      <TextInput
        {...common}
        type="number"
        step={schema.type === 'integer' ? 1 : 'any'}
        min={schema.minimum}
        max={schema.maximum}
        placeholder={String(initial)}
        value={typeof value === 'number' ? value : ''}
        // Empty is the default.
        onChange={({ currentTarget: { valueAsNumber } }) =>
          onChange(Number.isNaN(valueAsNumber) ? null : valueAsNumber)
        }
      />
    );
  }
  if (schema.type === 'array') {
    return (
      <Textarea
        {...common}
        description={`${said} ${texts.ignoreHint}`}
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
