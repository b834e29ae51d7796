import { TextInput, type TextInputProps } from '@mantine/core';
import { type KeyboardEvent, useEffect, useState } from 'react';
import { numberFieldTexts as texts } from './number-field.texts.ts';
import { readDecimal } from './read-decimal.ts';

type Props = Pick<TextInputProps, 'id' | 'aria-label' | 'placeholder' | 'w' | 'size'> & {
  /** undefined: none. */
  value: number | undefined;
  min: number;
  max: number;
  /** By the arrow keys. */
  step: number;
} & (
    | { isOptional: true; onNumber: (value: number | undefined) => void }
    | { isOptional?: false; onNumber: (value: number) => void }
  );

/** A field for a number with decimals, after a point or a comma. What is no number within its limits is said and not reported. */
export function NumberField({ value, min, max, step, isOptional, onNumber, ...others }: Props) {
  /** What was typed: an unfinished `0,` must not be corrected. */
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string) => {
    const number = readDecimal(text);
    return number !== undefined && number >= min && number <= max ? number : undefined;
  };
  const isEmpty = (text: string) => text.trim() === '';
  const isRefused = typed !== null && read(typed) === undefined && !(isOptional && isEmpty(typed));
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
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = Math.min(max, Math.max(min, (value ?? min - direction * step) + direction * step));
    report(String(Number(next.toFixed(6))));
  };
  return (
    <TextInput
      {...others}
      inputMode="decimal"
      autoComplete="off"
      value={typed ?? (value === undefined ? '' : String(value))}
      // The first digits of a year are too small: not while they are typed.
      error={isRefused && (!hasFocus || readDecimal(typed) === undefined) && texts.limits(min, max)}
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
