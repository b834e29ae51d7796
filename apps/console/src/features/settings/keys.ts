import { activityKeys } from '#shared/key-map/activity.ts';
import { everywhereKeys, pageKeys } from '#shared/key-map/everywhere.ts';
import { homeKeys } from '#shared/key-map/home.ts';
import { pagerKeys } from '#shared/key-map/lists.ts';
import { mediaItemKeys, mediaKeys } from '#shared/key-map/media.ts';
import { migrationKeys } from '#shared/key-map/migrations.ts';
import { modelKeys, treeKeys, treeViewKeys } from '#shared/key-map/model.ts';
import { predictedTitleKeys, predictionKeys } from '#shared/key-map/predictions.ts';
import { reviewKeys, titleListKeys, trainingKeys } from '#shared/key-map/training.ts';
import { type ChosenKeys, type KeyMap, keysOf } from '#shared/keys.ts';

/** Every key that can be changed, and which of them would get in each other's way. */

export const keyMaps: readonly KeyMap[] = [
  everywhereKeys,
  pageKeys,
  pagerKeys,
  homeKeys,
  mediaKeys,
  mediaItemKeys,
  trainingKeys,
  reviewKeys,
  titleListKeys,
  predictionKeys,
  predictedTitleKeys,
  modelKeys,
  treeKeys,
  treeViewKeys,
  activityKeys,
  migrationKeys,
];

/** Where a key is taken. */
export type Taken = { key: string; title: string; label: string };

/** Whether the keys of two groups are ever bound at the same time. */
function meet(left: KeyMap, right: KeyMap): boolean {
  if (left.page === '*' || right.page === '*') return true;
  if (left.page !== right.page) return false;
  return left.part === undefined || right.part === undefined || left.part === right.part;
}

/** The same key, or one that would keep the other's sequence from being begun. */
const clash = (left: string, right: string) =>
  left === right || left.startsWith(`${right} `) || right.startsWith(`${left} `);

/** What else `key` would do where `name` of `map` is bound; undefined: it is free. */
export function findTaken(
  maps: readonly KeyMap[],
  map: KeyMap,
  name: string,
  key: string,
  chosen: ChosenKeys,
): Taken | undefined {
  for (const other of maps.filter((one) => meet(one, map))) {
    for (const [otherName, { label }] of Object.entries(other.keys)) {
      if (other.id === map.id && otherName === name) continue;
      const taken = keysOf(other, otherName, chosen).find((one) => clash(one, key));
      if (taken !== undefined) return { key: taken, title: other.title, label };
    }
  }
  return undefined;
}

/** Keys by which people move in any page, or that are none by themselves. */
const reserved = ['Tab', 'Enter', 'Escape', ' ', 'Backspace'];
const modifiers = ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process', 'Unidentified'];

/** What was pressed so far, after one more key: one, or two in a row; undefined: nothing that could be a key. */
export function press(before: string, name: string | undefined): string | undefined {
  if (name === undefined || modifiers.includes(name.replace('mod+', ''))) return undefined;
  const isSecond = before !== '' && !before.includes(' ') && before !== ' ';
  return isSecond && !isReserved(name) ? `${before} ${name}` : name;
}

export const isReserved = (key: string) => reserved.includes(key);
