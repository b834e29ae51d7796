import { CloseButton } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import styles from './hint.module.css';
import { everywhereKeys } from './key-map/everywhere.ts';
import { useKeyCap } from './keys.ts';
import { createPreference } from './preferences.ts';
import { useStore } from './store.ts';
import { hints, hintsTexts } from './texts/hints.ts';

type Hints = {
  shown: boolean;
  /** Paths of the pages whose hint has been read. */
  dismissed: string[];
};

const isHints = (value: unknown): value is Hints => {
  const { shown, dismissed } = (value ?? {}) as Partial<Hints>;
  return typeof shown === 'boolean' && Array.isArray(dismissed) && dismissed.every((path) => typeof path === 'string');
};

export const hintsChosen = createPreference<Hints>('hints', { shown: true, dismissed: [] }, isHints);

/** Whether there is likely to be a keyboard: something points more exactly than a finger. */
const hasKeys = () => matchMedia('(any-pointer: fine)').matches;

/** A sentence for the first visit of a page, until it is dismissed for good. */
export function Hint({ path }: { path: string }) {
  const { shown, dismissed } = useStore(hintsChosen);
  const keys = useKeyCap(everywhereKeys, 'keys');
  const hint = hints[path];
  if (!hint || !shown || dismissed.includes(path)) return null;
  return (
    <aside className={styles.hint} aria-label={hintsTexts.hint}>
      <IconBulb size={16} stroke={1.8} aria-hidden />
      <p>{hint(hasKeys() ? (keys ?? hintsTexts.keyList) : null)}</p>
      <CloseButton
        size="sm"
        aria-label={hintsTexts.dismiss}
        onClick={() => hintsChosen.set((before) => ({ ...before, dismissed: [...before.dismissed, path] }))}
      />
    </aside>
  );
}
