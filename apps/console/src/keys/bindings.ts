import { useEffect, useRef } from 'react';
import { createPreference } from '#state/preferences.ts';
import { createStore, isBoolean, useStore } from '#state/store.ts';

/**
 * Every key of the console in one place: pages bind keys while they are shown, `?` lists what is bound, and no key fires
 * inside an input or behind a dialog. Single-letter keys can be switched off, and every key that a group of `key-map`
 * names can be another (WCAG 2.1.4).
 */

/** What a person can do by key; the names of a group are for good, as remembered keys refer to them. */
export type KeyMap<Name extends string = string> = {
  id: string;
  title: string;
  /** Which page binds them: the first part of its path; `*` for those that meet the keys of any page. */
  page: string;
  /** Groups of different parts of a page are never bound together. */
  part?: string;
  keys: Record<Name, { keys: readonly string[]; label: string; repeats?: boolean }>;
};

export const keyMap = <const Name extends string>(map: KeyMap<Name>): KeyMap<Name> => map;

export type KeyBinding = {
  /** Any of these: a KeyboardEvent.key, `mod+z` (Ctrl, or Cmd on a Mac), or `g t` (one after the other). */
  keys: string[];
  /** What it does, for the list of keys. */
  label: string;
  run: () => void;
  /** May repeat while it is held down. */
  repeats?: boolean;
};

export type KeyGroup = { title: string; bindings: KeyBinding[] };

/** The group of the keys that no page takes away. */
export const everywhere = 'Everywhere';

export const letterKeys = createPreference('letter-keys', true, isBoolean);

export type ChosenKeys = Record<string, string[]>;

const isChosenKeys = (value: unknown): value is ChosenKeys =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((keys) => Array.isArray(keys) && keys.every((key) => typeof key === 'string'));

/** The keys that somebody wants instead of the usual ones, by `group.name`; an empty list: none. */
export const chosenKeys = createPreference<ChosenKeys>('keys', {}, isChosenKeys);

/** The keys that do a thing now. */
export function keysOf<N extends string>(map: KeyMap<N>, name: N, chosen: ChosenKeys = chosenKeys.get()) {
  return chosen[`${map.id}.${name}`] ?? [...map.keys[name].keys];
}

/** The first key that does a thing, as it is printed; undefined when none does. */
export function useKeyCap<N extends string>(map: KeyMap<N>, name: N): string | undefined {
  const [first] = keysOf(map, name, useStore(chosenKeys));
  return first === undefined ? undefined : keyCap(first);
}

/** What is bound now, for the list; the latest group wins where two bind the same key. */
export const keyGroups = createStore<KeyGroup[]>([]);

/** Milliseconds within which the second key of a sequence follows the first. */
const sequenceTime = 1200;
let pending: { key: string; at: number } | undefined;

const typed = 'input:not([type="radio"], [type="checkbox"]), textarea, select, [contenteditable="true"], [role="menu"]';

/** A letter has a meaning of its own there. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest(typed) !== null;
}

/** An arrow, or Enter, has a meaning of its own there. */
function isOperated(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (key === 'Enter') return target.closest('a, button, summary, [role="button"]') !== null;
  return key.startsWith('Arrow') && target.closest('[role="radiogroup"]') !== null;
}

/** Undefined for what only browsers and readers bind: a modified arrow, or a combination with Alt. */
export function nameOf(event: KeyboardEvent): string | undefined {
  const printed = event.key.length === 1;
  const key = printed ? event.key.toLowerCase() : event.key;
  // How many keyboards type a bracket; Windows reports Ctrl and Alt with it.
  if (printed && event.getModifierState('AltGraph')) return key;
  const mod = event.metaKey || event.ctrlKey;
  if (event.altKey || (event.shiftKey && (mod || !printed))) return undefined;
  return mod ? `mod+${key}` : key;
}

function find(name: string): KeyBinding | undefined {
  return keyGroups
    .get()
    .toReversed()
    .flatMap(({ bindings }) => bindings)
    .find(({ keys }) => keys.includes(name));
}

function startsSequence(name: string): boolean {
  return keyGroups
    .get()
    .some(({ bindings }) => bindings.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `))));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
  const name = nameOf(event);
  if (name === undefined || isOperated(event.target, event.key)) return;
  if (name.length === 1 && !letterKeys.get()) return;

  const before = pending && event.timeStamp - pending.at < sequenceTime ? pending.key : undefined;
  pending = undefined;
  // A sequence that leads nowhere ends there: its last key alone was not meant.
  const binding = find(before ? `${before} ${name}` : name);
  if (binding) {
    event.preventDefault();
    if (!event.repeat || binding.repeats) binding.run();
  } else if (startsSequence(name)) {
    event.preventDefault();
    pending = { key: name, at: event.timeStamp };
  }
}

/** Starts listening; called once. */
export function listenForKeys(): void {
  addEventListener('keydown', onKeyDown);
}

/** The bindings of a group, with the keys that hold now. */
function bind<N extends string>(map: KeyMap<N>, runs: Record<N, () => void>, chosen: ChosenKeys): KeyBinding[] {
  return (Object.keys(map.keys) as N[]).map((name) => {
    const { label, repeats = false } = map.keys[name];
    return { keys: keysOf(map, name, chosen), label, repeats, run: runs[name] };
  });
}

/** Binds keys as long as the component is shown: what a group names, or, for keys that nobody can change, bindings. */
export function useKeys<N extends string>(map: KeyMap<N>, runs: Record<N, () => void>): void;
export function useKeys(title: string, bindings: KeyBinding[]): void;
export function useKeys(group: KeyMap | string, what: Record<string, () => void> | KeyBinding[]): void {
  const chosen = useStore(chosenKeys);
  const bindings = Array.isArray(what) ? what : bind(group as KeyMap, what, chosen);
  const title = typeof group === 'string' ? group : group.title;
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map(({ keys, label }) => `${keys.join()} ${label}`).join('\n');
  useEffect(() => {
    const shown: KeyGroup = {
      title,
      bindings: latest.current.map((binding, index) => ({ ...binding, run: () => latest.current[index]?.run() })),
    };
    keyGroups.set((groups) => [...groups, shown]);
    return () => keyGroups.set((groups) => groups.filter((other) => other !== shown));
  }, [title, shape]);
}

const symbols: Record<string, string> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowDown: '↓',
  ArrowUp: '↑',
  Escape: 'Esc',
};

/** A key as it is printed on a keyboard. */
export function keyCap(key: string): string {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return key
    .split(' ')
    .map((part) => {
      const [modifier, plain] = part.startsWith('mod+') ? [mac ? '⌘' : 'Ctrl ', part.slice(4)] : ['', part];
      return modifier + (symbols[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain));
    })
    .join(' then ');
}
