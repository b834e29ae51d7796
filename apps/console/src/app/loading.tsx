import { Skeleton, VisuallyHidden } from '@mantine/core';
import styles from './loading.module.css';
import { appTexts } from './texts.ts';

/** Skeleton while the first page's code and data load. */
export function Loading() {
  return (
    <div className={styles.page} role="status">
      <VisuallyHidden>{appTexts.loading}</VisuallyHidden>
      <Skeleton height={30} width={160} />
      <Skeleton height={36} />
      <Skeleton className={styles.rest ?? ''} />
    </div>
  );
}
