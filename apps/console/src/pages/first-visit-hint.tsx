import { CloseButton } from '@mantine/core';
import { IconBulb } from '@tabler/icons-react';
import { useState } from 'react';
import { useKeyCap } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import { createPreference } from '#state/preferences.ts';
import { useStore } from '#state/store.ts';
import type { Page } from './define-page.ts';
import styles from './first-visit-hint.module.css';
import { hintsTexts } from './first-visit-hint.texts.ts';

type Hints = {
  shown: boolean;
  /** Paths of the pages whose hint was dismissed. */
  dismissed: string[];
};

const isHints = (value: unknown): value is Hints => {
  const { shown, dismissed } = (value ?? {}) as Partial<Hints>;
  return typeof shown === 'boolean' && Array.isArray(dismissed) && dismissed.every((path) => typeof path === 'string');
};

export const hintsChosen = createPreference<Hints>('hints', { shown: true, dismissed: [] }, isHints);

/** Whether there probably is a keyboard: the pointer is more precise than a finger. The browser computes styles for it. */
const hasKeys = () => matchMedia('(any-pointer: fine)').matches;

/** A sentence on each page until the user dismisses it. */
export function FirstVisitHint({
  page: { path, hint },
  touchHint = hint,
}: {
  page: Page;
  touchHint: string | undefined;
}) {
  const { shown, dismissed } = useStore(hintsChosen);
  const [isTyped] = useState(hasKeys);
  const keys = useKeyCap(globalKeys, 'keys');
  if (!shown || dismissed.includes(path)) return null;
  return (
    <aside className={styles.hint} aria-label={hintsTexts.hint}>
      <IconBulb size={16} stroke={1.8} aria-hidden />
      <p>{isTyped ? `${hint} ${hintsTexts.keys(keys ?? hintsTexts.palette)}` : touchHint}</p>
      <CloseButton
        size="sm"
        aria-label={hintsTexts.dismiss}
        onClick={() => hintsChosen.set((before) => ({ ...before, dismissed: [...before.dismissed, path] }))}
      />
    </aside>
  );
}
