import { UnstyledButton } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { copyText } from '#ui/copy-text.ts';
import styles from './hash-chip.module.css';
import { mediaTexts as texts } from './texts.ts';

/** The start of a hash; a click copies all of it. */
export function HashChip({ hash }: { hash: string }) {
  const short = hash.slice(0, 7);
  return (
    <UnstyledButton
      className={styles.chip}
      title={hash}
      aria-label={texts.copyHash(short)}
      onClick={() => void copyText(hash, texts.hash)}
    >
      {short}
      <IconCopy size={13} aria-hidden />
    </UnstyledButton>
  );
}
