import { useLayoutEffect, useRef } from 'react';
import { createPreference } from '#state/preferences.ts';
import { createStore, isBoolean, useStore } from '#state/store.ts';

/**
 * Key bindings. Pages bind keys while they are shown, `?` lists them, and no key fires inside an input or behind a dialog.
 * Users can turn off single-letter keys and change the keys of every key map (WCAG 2.1.4).
 */

/** A group of keys. Its name and those of its keys must not change, because stored keys refer to them. */
export type KeyMap<Name extends string = string> = {
  id: string;
  title: string;
  /** The page that binds them: the first part of its path; `*`: any page. */
  page: string;
  /** Groups of different parts of a page are never bound together. */
  part?: string;
  /** They work in the dialog that binds them. */
  dialog?: true;
  keys: Record<Name, { keys: readonly string[]; label: string; repeats?: boolean }>;
};

export const keyMap = <const Name extends string>(map: KeyMap<Name>): KeyMap<Name> => map;

export type KeyBinding = {
  /** Any of these: a KeyboardEvent.key, `mod+z` (Ctrl, or Cmd on a Mac), `shift+r`, or `g t` (one after the other). */
  keys: string[];
  /** What it does, for the list of keys. */
  label: string;
  run: () => void;
  /** Why it does nothing now. */
  idle?: string | null | undefined;
  /** May repeat while it is held down. */
  repeats?: boolean;
};

export type KeyGroup = { title: string; bindings: KeyBinding[]; dialog?: boolean };

/** The group of keys that no page overrides. */
export const globalGroup = 'Everywhere';

export const letterKeys = createPreference('letter-keys', true, isBoolean);

export type ChosenKeys = Record<string, string[]>;

const isChosenKeys = (value: unknown): value is ChosenKeys =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((keys) => Array.isArray(keys) && keys.every((key) => typeof key === 'string'));

/** The user's keys instead of the defaults, by `group.name`; an empty list: no key. */
export const chosenKeys = createPreference<ChosenKeys>('keys', {}, isChosenKeys);

/** The current keys of an action. */
export function keysOf<N extends string>(map: KeyMap<N>, name: N, chosen: ChosenKeys = chosenKeys.get()) {
  return chosen[`${map.id}.${name}`] ?? [...map.keys[name].keys];
}

/** The first key of an action, for display; undefined: none. */
export function useKeyCap<N extends string>(map: KeyMap<N>, name: N): string | undefined {
  const [first] = keysOf(map, name, useStore(chosenKeys));
  return first === undefined ? undefined : keyCap(first);
}

/** All current bindings. If two groups bind the same key, the latest wins. */
export const keyGroups = createStore<KeyGroup[]>([]);

/** Milliseconds between the two keys of a sequence, at most. */
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

/** What the keys beside the letters print on a Latin keyboard, without and with Shift. */
const places: Record<string, string> = { BracketLeft: '[{', BracketRight: ']}', Slash: '/?', Minus: '-_', Equal: '=+' };

/** What a Latin keyboard prints at the place of the key; undefined: nothing that a binding uses. */
function placeOf({ code, shiftKey }: KeyboardEvent): string | undefined {
  const [, letter, digit] = /^(?:Key([A-Z])|Digit(\d))$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? (shiftKey ? undefined : digit) ?? places[code]?.[Number(shiftKey)];
}

/** A character of another script, a dead key, or a key that an input method handles. */
const isForeign = (key: string) =>
  /^[^\p{ASCII}\p{Script=Latin}]$/u.test(key) || ['Dead', 'Process', 'Unidentified'].includes(key);

/** Whether the latest letter was of another script: there W may print an apostrophe, as on a Hebrew keyboard. */
let isForeignLayout = false;

/**
 * The names of the key: what the layout prints, then, if that is of another script, what a Latin keyboard prints at its place.
 * With Shift, letters and named keys have a name of their own. Empty: for browsers and screen readers only, such as a
 * combination with Alt.
 */
function namesOf(event: KeyboardEvent): string[] {
  const { key } = event;
  if (/^\p{L}$/u.test(key)) isForeignLayout = isForeign(key);
  const isElsewhere = isForeign(key) || (isForeignLayout && /^[^\p{L}]$/u.test(key) && /^Key[A-Z]$/.test(event.code));
  const place = isElsewhere ? placeOf(event) : undefined;
  const isPrinted = [...key].length === 1;
  const printed = isPrinted ? key.toLowerCase() : key;
  // AltGr, which types brackets on many keyboards; Windows reports Ctrl and Alt with it.
  if (isPrinted && event.getModifierState('AltGraph')) return [printed];
  const mod = event.metaKey || event.ctrlKey;
  if (event.altKey || (event.shiftKey && mod)) return [];
  const names = [printed, ...(place === undefined ? [] : [place])];
  if (mod) return names.map((name) => `mod+${name}`);
  if (!event.shiftKey) return names;
  return names.map((name) => (/^(\p{L}|[A-Z]\w+)$/u.test(name) ? `shift+${name}` : name));
}

/** A key that types a character, alone or with Shift. */
const isLetter = (name: string) => name.replace('shift+', '').length === 1;

/** The name under which the key is bound; undefined: for browsers and screen readers only. */
export const nameOf = (event: KeyboardEvent): string | undefined => namesOf(event).at(-1);

const openDialogs = () => document.querySelectorAll('[role="dialog"][aria-modal="true"]').length;

/** Until when keys are for a dialog that is about to open. */
let heldUntil = 0;

/** Until a dialog is on screen, at most for a second, letters do nothing: what is typed for it is not for the page. */
export const holdKeys = (): void => {
  heldUntil = performance.now() + 1000;
};

/** The groups that work now: behind a dialog none does, in one its own. */
function activeGroups(): KeyGroup[] {
  const dialogs = openDialogs();
  return keyGroups.get().filter(({ dialog = false }) => dialogs === Number(dialog));
}

function find(name: string): KeyBinding | undefined {
  return activeGroups()
    .toReversed()
    .flatMap(({ bindings }) => bindings)
    .find(({ keys }) => keys.includes(name));
}

function startsSequence(name: string): boolean {
  return activeGroups().some(({ bindings }) =>
    bindings.some(({ keys }) => keys.some((key) => key.startsWith(`${name} `))),
  );
}

function onKeyDown(event: KeyboardEvent): void {
  if (heldUntil > 0) {
    if (performance.now() > heldUntil || openDialogs() > 0) heldUntil = 0;
    else if (namesOf(event).some(isLetter)) {
      event.preventDefault();
      return;
    }
  }
  if (event.defaultPrevented || event.isComposing || isTyping(event.target)) return;
  if (isOperated(event.target, event.key)) return;
  const names = namesOf(event).filter((name) => letterKeys.get() || !isLetter(name));
  if (names.length === 0) return;

  const before = pending && event.timeStamp - pending.at < sequenceTime ? pending.key : undefined;
  pending = undefined;
  // An unknown sequence is ignored; its second key does not count alone.
  const [binding] = names.flatMap((name) => find(before ? `${before} ${name}` : name) ?? []);
  const first = names.find(startsSequence);
  if (binding) {
    event.preventDefault();
    if (!event.repeat || binding.repeats) binding.run();
  } else if (first !== undefined) {
    event.preventDefault();
    pending = { key: first, at: event.timeStamp };
  }
}

/** Starts listening; called once. */
export function listenForKeys(): void {
  addEventListener('keydown', onKeyDown);
}

/** Why keys do nothing now, by their names. */
export type IdleKeys<N extends string = string> = { [K in N]?: string | null };

/** The bindings of a group with their current keys. */
function bind<N extends string>(
  map: KeyMap<N>,
  runs: Record<N, () => void>,
  chosen: ChosenKeys,
  idle: IdleKeys<N> = {},
): KeyBinding[] {
  return (Object.keys(map.keys) as N[]).map((name) => {
    const { label, repeats = false } = map.keys[name];
    return { keys: keysOf(map, name, chosen), label, repeats, run: runs[name], idle: idle[name] };
  });
}

/** Binds keys while the component is shown: a key map, or bindings that users cannot change. */
export function useKeys<N extends string>(map: KeyMap<N>, runs: Record<N, () => void>, idle?: IdleKeys<N>): void;
export function useKeys(title: string, bindings: KeyBinding[]): void;
export function useKeys(
  group: KeyMap | string,
  what: Record<string, () => void> | KeyBinding[],
  idle?: IdleKeys,
): void {
  const chosen = useStore(chosenKeys);
  const bindings = Array.isArray(what) ? what : bind(group as KeyMap, what, chosen, idle);
  const title = typeof group === 'string' ? group : group.title;
  const dialog = typeof group !== 'string' && group.dialog === true;
  const latest = useRef(bindings);
  latest.current = bindings;
  const shape = bindings.map(({ keys, label, idle }) => `${keys.join()} ${label} ${idle}`).join('\n');
  // Before the page is painted: a key works as soon as its page is seen.
  useLayoutEffect(() => {
    const shown: KeyGroup = {
      title,
      dialog,
      bindings: latest.current.map((binding, index) => ({ ...binding, run: () => latest.current[index]?.run() })),
    };
    keyGroups.set((groups) => [...groups, shown]);
    return () => keyGroups.set((groups) => groups.filter((other) => other !== shown));
  }, [title, dialog, shape]);
}

const symbols: Record<string, string> = {
  ArrowRight: '→',
  ArrowLeft: '←',
  ArrowDown: '↓',
  ArrowUp: '↑',
  Escape: 'Esc',
};

/** Modifiers elsewhere, and on a Mac. */
const modifiers: Record<string, readonly [string, string]> = { mod: ['Ctrl ', '⌘'], shift: ['Shift ', '⇧'] };

/** A key as printed on a keyboard. */
export function keyCap(key: string): string {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  return key
    .split(' ')
    .map((part) => {
      const [, modifier = '', plain = part] = /^(mod|shift)\+(.+)$/.exec(part) ?? [];
      const shown = symbols[plain] ?? (plain.length === 1 ? plain.toUpperCase() : plain);
      return `${modifiers[modifier]?.[Number(mac)] ?? ''}${shown}`;
    })
    .join(' then ');
}
