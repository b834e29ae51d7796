import { Skeleton, VisuallyHidden } from '@mantine/core';
import styles from './loading.module.css';
import { shellTexts } from './texts.ts';

/** Until the first page's code and data are there: a heading, its tools, and something below. */
export function Loading() {
  return (
    <div className={styles.page} role="status">
      <VisuallyHidden>{shellTexts.loading}</VisuallyHidden>
      <Skeleton height={30} width={160} />
      <Skeleton height={36} />
      <Skeleton className={styles.rest ?? ''} />
    </div>
  );
}
