import type { ReactNode } from 'react';
import styles from './facts.module.css';

/** Names and values: as rows with or without lines, or in a strip. */
export function Facts({
  look = 'lines',
  className = '',
  children,
}: {
  look?: 'lines' | 'plain' | 'strip';
  className?: string | undefined;
  /** Of `Fact`. */
  children: ReactNode;
}) {
  return (
    <dl className={`${styles.facts} ${className}`} data-look={look}>
      {children}
    </dl>
  );
}

export function Fact({ name, column, children }: { name: ReactNode; column?: string; children: ReactNode }) {
  return (
    <div className={styles.fact} data-column={column}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
