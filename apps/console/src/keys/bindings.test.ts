import { afterEach, beforeAll, expect, it, onTestFinished, vi } from 'vitest';

/** How many dialogs are open. */
let dialogs = 0;
/** Receives the keys that are pressed. */
let press: (event: object) => void = () => {};

vi.hoisted(() => {
  vi.stubGlobal('document', { querySelectorAll: () => ({ length: dialogs }) });
  vi.stubGlobal('HTMLElement', class {});
});

import { holdKeys, keyGroups, letterKeys, listenForKeys, nameOf } from './bindings.ts';

const bound = [
  'w',
  'shift+w',
  'shift+Backspace',
  'Backspace',
  'n',
  '1',
  '0',
  '[',
  '/',
  '?',
  '=',
  '+',
  'mod+z',
  'g t',
  'ArrowRight',
  'ö',
];
let ran: string[] = [];

beforeAll(() => {
  vi.stubGlobal('addEventListener', (_type: string, listen: typeof press) => {
    press = listen;
  });
  listenForKeys();
  const bindings = bound.map((key) => ({ keys: [key], label: key, run: () => void ran.push(key) }));
  keyGroups.set([{ title: 'All', bindings }]);
});
afterEach(() => {
  letterKeys.set(true);
  ran = [];
});

/** A key press: what the layout prints, and where the key is. */
const event = (key: string, code: string, modifiers: object = {}) => ({
  key,
  code,
  timeStamp: 0,
  target: null,
  shiftKey: false,
  preventDefault: () => {},
  getModifierState: () => false,
  ...modifiers,
});

const shift = { shiftKey: true };

it.each([
  ['Latin', 'w', 'KeyW', {}, 'w'],
  ['Latin, with Caps Lock', 'W', 'KeyW', {}, 'w'],
  ['Dvorak', 'w', 'Comma', {}, 'w'],
  ['German', 'ö', 'Semicolon', {}, 'ö'],
  ['Russian', 'ц', 'KeyW', {}, 'w'],
  ['Russian', 'т', 'KeyN', {}, 'n'],
  ['Latin, with Shift', 'W', 'KeyW', shift, 'shift+w'],
  ['Russian, with Shift', 'Ц', 'KeyW', shift, 'shift+w'],
  ['a named key, with Shift', 'Backspace', 'Backspace', shift, 'shift+Backspace'],
  ['Russian, page before', 'х', 'BracketLeft', {}, '['],
  ['Russian, question mark', '?', 'Digit7', shift, '?'],
  ['Russian, with Ctrl', 'я', 'KeyZ', { ctrlKey: true }, 'mod+z'],
  ['Greek', 'ς', 'KeyW', {}, 'w'],
  ['Greek', 'ν', 'KeyN', {}, 'n'],
  ['Arabic', 'ص', 'KeyW', {}, 'w'],
  ['Arabic digit', '١', 'Digit1', {}, '1'],
  ['Arabic question mark', '؟', 'Slash', shift, '?'],
  ['Korean', 'ㅈ', 'KeyW', {}, 'w'],
  ['Japanese input method', 'Process', 'KeyN', {}, 'n'],
  ['Spanish dead key', 'Dead', 'BracketLeft', {}, '['],
  ['a named key', 'ArrowRight', 'ArrowRight', {}, 'ArrowRight'],
])('on a keyboard that is %s, %s at %s counts', (_layout, key, code, modifiers, expected) => {
  press(event(key, code, modifiers));
  expect(ran).toEqual([expected]);
});

it.each([
  ['a comma of a Dvorak keyboard at the place of W', 'w', ',', 'KeyW', {}],
  ['a Russian number sign', 'ц', '№', 'Digit3', shift],
  ['a Russian letter with Alt', 'ц', 'ц', 'KeyW', { altKey: true }],
])('%s is no key', (_what, before, key, code, modifiers) => {
  press(event(before, 'KeyX'));
  ran = [];
  press(event(key, code, modifiers));
  expect(ran).toEqual([]);
});

it('a Hebrew keyboard has an apostrophe at the place of W', () => {
  press(event('מ', 'KeyN'));
  press(event("'", 'KeyW'));
  press(event('/', 'KeyQ'));
  expect(ran).toEqual(['n', 'w', '/']);
});

it('a sequence works by place too', () => {
  press(event('п', 'KeyG'));
  press(event('е', 'KeyT'));
  expect(ran).toEqual(['g t']);
});

it('without single-letter keys, letters of other scripts do nothing either', () => {
  letterKeys.set(false);
  press(event('ц', 'KeyW'));
  press(event('Dead', 'BracketLeft'));
  press(event('W', 'KeyW', shift));
  press(event('я', 'KeyZ', { ctrlKey: true }));
  press(event('Backspace', 'Backspace', shift));
  expect(ran).toEqual(['mod+z', 'shift+Backspace']);
});

it('a key is stored under its name on a Latin keyboard, so that conflicts are found', () => {
  const names = [event('ц', 'KeyW'), event('w', 'KeyW'), event('ö', 'Semicolon'), event('Ц', 'KeyW', shift)];
  expect(names.map((one) => nameOf(one as unknown as KeyboardEvent))).toEqual(['w', 'w', 'ö', 'shift+w']);
});

it('behind a dialog no key works; in it, its own do, unless another dialog is above', () => {
  const all = keyGroups.get();
  onTestFinished(() => {
    dialogs = 0;
    keyGroups.set(all);
  });
  keyGroups.set([
    ...all,
    { title: 'In it', dialog: true, bindings: [{ keys: ['w'], label: '', run: () => void ran.push('in it') }] },
  ]);
  for (dialogs of [0, 1, 2]) press(event('w', 'KeyW'));
  expect(ran).toEqual(['w', 'in it']);
});

it('what is typed for a dialog that is opening does nothing on the page', () => {
  onTestFinished(() => {
    dialogs = 0;
  });
  holdKeys();
  press(event('w', 'KeyW'));
  expect(ran).toEqual([]);
  dialogs = 1;
  press(event('w', 'KeyW'));
  dialogs = 0;
  press(event('w', 'KeyW'));
  expect(ran).toEqual(['w']);
});

it('shortcuts of the browser work while a dialog opens', () => {
  onTestFinished(() => {
    dialogs = 0;
  });
  const preventDefault = vi.fn();
  const pressed = (key: string, modifiers: object) => {
    press(event(key, `Key${key.toUpperCase()}`, { preventDefault, ...modifiers }));
    return preventDefault.mock.calls.length;
  };
  holdKeys();
  for (const modifiers of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { ctrlKey: true, ...shift }])
    expect(pressed('r', modifiers)).toBe(0);
  expect(pressed('r', {})).toBe(1);
  // AltGr types.
  expect(pressed('[', { ctrlKey: true, altKey: true, getModifierState: () => true })).toBe(2);
  expect(ran).toEqual([]);
  dialogs = 1;
  press(event('w', 'KeyW'));
});
