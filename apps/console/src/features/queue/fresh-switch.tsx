import { useStore } from '#state/store.ts';
import { fresh } from './item-changes.ts';
import styles from './queue.module.css';
import { queueTexts as texts } from './texts.ts';

/** Whether requests for metadata bypass the provider's cache; remembered. */
export const FreshSwitch = () => (
  <label className={styles.mark} style={{ minHeight: 24, fontSize: 'var(--mantine-font-size-sm)' }}>
    <input type="checkbox" checked={useStore(fresh)} onChange={(event) => fresh.set(event.currentTarget.checked)} />
    {texts.fresh} <span className={styles.aside}>{texts.freshHint}</span>
  </label>
);
