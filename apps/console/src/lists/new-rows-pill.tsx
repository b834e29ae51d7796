import { Button } from '@mantine/core';
import { IconArrowUp } from '@tabler/icons-react';
import { formatInteger } from '#ui/format.ts';
import styles from './new-rows-pill.module.css';
import { listsTexts as texts } from './texts.ts';

/** Says how many rows came since the list was loaded, and brings them; nothing moves before that. */
export function NewRowsPill({ count, onShow }: { count: number | 'many'; onShow: () => void }) {
  return (
    <div role="status" className={styles.place}>
      {count !== 0 && (
        <Button size="compact-sm" radius="xl" leftSection={<IconArrowUp size={14} />} onClick={onShow}>
          {count === 'many' ? texts.changed : texts.newRows(formatInteger(count))}
        </Button>
      )}
    </div>
  );
}
