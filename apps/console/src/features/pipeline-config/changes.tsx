import type { ConfigVersion } from '@at/contracts/pipeline-config';
import { VisuallyHidden } from '@mantine/core';
import styles from './pipeline-config.module.css';
import { shownValue, configTexts as texts } from './texts.ts';

/** Keys with their old and new values. */
export function Changes({ changes }: { changes: ConfigVersion['changes'] }) {
  return (
    <ul className={styles.changes}>
      {changes.map(({ key, from, to }) => (
        <li key={key}>
          <code>{key}</code> {shownValue(key, from)} <span aria-hidden="true">→</span>{' '}
          <VisuallyHidden>{texts.becomes} </VisuallyHidden>
          <strong>{shownValue(key, to)}</strong>
        </li>
      ))}
    </ul>
  );
}
