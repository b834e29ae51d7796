import styles from './progress-line.module.css';

/** A thin line at the top while a page loads. */
export function ProgressLine({ active }: { active: boolean }) {
  return <div className={styles.line} data-active={active || undefined} aria-hidden="true" />;
}
