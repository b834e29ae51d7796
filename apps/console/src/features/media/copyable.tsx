import { ActionIcon, UnstyledButton } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { copyText } from '#ui/copy-text.ts';
import styles from './copyable.module.css';
import { mediaTexts as texts } from './texts.ts';

/** A value with a button that copies it; `children` replaces its text on screen. */
export function Copyable({ value, what, children }: { value: string; what: string; children?: ReactNode }) {
  return (
    <span className={styles.copyable}>
      <span className={styles.value}>{children ?? value}</span>
      <ActionIcon
        className={styles.copy ?? ''}
        size={24}
        variant="subtle"
        color="gray"
        aria-label={texts.details.copy(what)}
        onClick={() => void copyText(value, what)}
      >
        <IconCopy size={14} />
      </ActionIcon>
    </span>
  );
}

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
