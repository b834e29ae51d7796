import { type ChosenKeys, type KeyMap, keysOf } from '#keys/bindings.ts';

/** Finds keys that conflict with each other. */

/** The action that has a key. */
export type Clash = { key: string; title: string; label: string };

/** Whether the keys of two groups are ever bound at the same time. */
function meet(left: KeyMap, right: KeyMap): boolean {
  if (left.page === '*' || right.page === '*') return true;
  if (left.page !== right.page) return false;
  return left.part === undefined || right.part === undefined || left.part === right.part;
}

/** Whether one is the other, or the start of the other's sequence. */
const clash = (left: string, right: string) =>
  left === right || left.startsWith(`${right} `) || right.startsWith(`${left} `);

/** The action that already has `key` where `name` of `map` is bound; undefined: the key is free. */
export function findClash(
  maps: readonly KeyMap[],
  map: KeyMap,
  name: string,
  key: string,
  chosen: ChosenKeys,
): Clash | undefined {
  for (const other of maps.filter((one) => meet(one, map))) {
    for (const [otherName, { label }] of Object.entries(other.keys)) {
      if (other.id === map.id && otherName === name) continue;
      const taken = keysOf(other, otherName, chosen).find((one) => clash(one, key));
      if (taken !== undefined) return { key: taken, title: other.title, label };
    }
  }
  return undefined;
}

/** Keys that navigate any page, or that are only modifiers. */
const reserved = ['Tab', 'Enter', 'Escape', ' ', 'Backspace'];
const modifiers = ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'];

/** The keys pressed so far, after one more: one, or two in a row; undefined: not a valid key. */
export function press(before: string, name: string | undefined): string | undefined {
  if (name === undefined || modifiers.includes(name.replace(/^(mod|shift)\+/, ''))) return undefined;
  const isSecond = before !== '' && !before.includes(' ') && before !== ' ';
  return isSecond && !isReserved(name) ? `${before} ${name}` : name;
}

export const isReserved = (key: string) => reserved.includes(key);
