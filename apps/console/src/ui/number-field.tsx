import { TextInput, type TextInputProps } from '@mantine/core';
import { type KeyboardEvent, type ReactNode, useEffect, useState } from 'react';
import { numberFieldTexts as texts } from './number-field.texts.ts';
import { readDecimal } from './read-decimal.ts';

type Inherited = 'id' | 'aria-label' | 'placeholder' | 'w' | 'size' | 'label' | 'description' | 'inputWrapperOrder';
type Props = Pick<TextInputProps, Inherited> & {
  /** undefined: no number; a text: input that was refused. */
  value: number | string | undefined;
  /** What else is wrong with the value. */
  error?: ReactNode;
  min: number;
  max: number;
  /** What an arrow key adds or subtracts. */
  step: number;
  isWhole?: boolean;
  /** Called with input that is not a number within the limits. */
  onRefused?: (text: string) => void;
} & (
    | { isOptional: true; onNumber: (value: number | undefined) => void }
    | { isOptional?: false; onNumber: (value: number) => void }
  );

/** A field for a number, with decimals after a point or a comma. Other input shows an error, and `onNumber` is not called. */
export function NumberField({
  value,
  error,
  min,
  max,
  step,
  isWhole,
  isOptional,
  onNumber,
  onRefused,
  ...others
}: Props) {
  /** What was typed: an unfinished `0,` must not be corrected. */
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string) => {
    const number = readDecimal(text);
    return number !== undefined && number >= min && number <= max && !(isWhole && number % 1) ? number : undefined;
  };
  const isEmpty = (text: string) => text.trim() === '';
  const text = typed ?? (typeof value === 'string' ? value : null);
  const isRefused = text !== null && read(text) === undefined && !(isOptional && isEmpty(text));
  const [hasFocus, setFocus] = useState(false);
  // A value from elsewhere, such as that of a slider, replaces what was typed before.
  useEffect(() => {
    if (!hasFocus) setTyped(null);
  }, [value]);
  const report = (text: string) => {
    setTyped(text);
    const number = read(text);
    if (number !== undefined) onNumber(number);
    else if (isOptional && isEmpty(text)) onNumber(undefined);
    else onRefused?.(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = typeof value === 'number' ? Math.min(max, Math.max(min, value + direction * step)) : min;
    report(String(Number(next.toFixed(6))));
  };
  return (
    <TextInput
      {...others}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? (value === undefined ? '' : String(value))}
      // The first digits of a year are too small: not while they are typed.
      error={(isRefused && (!hasFocus || readDecimal(text) === undefined) && texts.limits(min, max, isWhole)) || error}
      onFocus={() => setFocus(true)}
      onBlur={() => {
        setFocus(false);
        if (!isRefused) setTyped(null);
      }}
      onKeyDown={onKeyDown}
      onChange={(event) => report(event.currentTarget.value)}
    />
  );
}
