import { Button } from '@mantine/core';
import { IconAdjustmentsHorizontal } from '@tabler/icons-react';
import styles from './filters-button.module.css';
import { formatInteger } from './format.ts';

/** Opens a list's filters, and says how many are set; on a phone by a sign and their number alone. */
export function FiltersButton({
  name,
  count,
  opened,
  onToggle,
}: {
  /** In words, with the number. */
  name: string;
  count: number;
  opened: boolean;
  onToggle: () => void;
}) {
  return (
    <Button
      className={styles.button ?? ''}
      variant={opened ? 'light' : 'default'}
      leftSection={<IconAdjustmentsHorizontal size={16} />}
      aria-expanded={opened}
      data-count={count > 0 || undefined}
      onClick={onToggle}
    >
      <span className={styles.name}>{name}</span>
      {count > 0 && (
        <span className={styles.count} aria-hidden>
          {formatInteger(count)}
        </span>
      )}
    </Button>
  );
}
