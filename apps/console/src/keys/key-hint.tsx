import { Kbd, type KbdProps } from '@mantine/core';
import { type KeyMap, useKeyCap } from './bindings.ts';

/** The key of a button's action, if it has one. */
export function KeyHint<N extends string>({ of, name, ...props }: { of: KeyMap<N>; name: N } & KbdProps) {
  const cap = useKeyCap(of, name);
  return cap === undefined ? null : <Kbd {...props}>{cap}</Kbd>;
}
