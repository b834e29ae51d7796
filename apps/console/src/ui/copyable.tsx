import { ActionIcon } from '@mantine/core';
import { IconCopy, IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { copyText } from './copy-text.ts';
import styles from './copyable.module.css';
import { uiTexts } from './texts.ts';

/** A value with a button that copies it; `children` replaces its text on screen. */
export function Copyable({ value, what, children }: { value: string | number; what: string; children?: ReactNode }) {
  return (
    <span className={styles.copyable}>
      <code className={styles.value}>{children ?? value}</code>
      <ActionIcon
        className={styles.copy ?? ''}
        size={24}
        variant="subtle"
        color="gray"
        aria-label={uiTexts.copy(what)}
        onClick={() => void copyText(String(value), what)}
      >
        <IconCopy size={14} />
      </ActionIcon>
    </span>
  );
}

/** An id with a link to its page on another site, if there is one. */
export function LinkedId({
  value,
  shown = value,
  site,
  href,
}: {
  value: string | number;
  /** Instead of a long value. */
  shown?: string | number;
  site: string;
  href: string | undefined;
}) {
  return (
    <Copyable value={value} what={uiTexts.idOf(site)}>
      {href ? (
        <a href={href} target="_blank" rel="noreferrer" aria-label={uiTexts.opens(String(value), site)}>
          {shown} <IconExternalLink size={12} aria-hidden />
        </a>
      ) : (
        shown
      )}
    </Copyable>
  );
}
