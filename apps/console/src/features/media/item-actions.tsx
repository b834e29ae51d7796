import type { MediaRow } from '@at/contracts/media';
import { Text } from '@mantine/core';
import { ActionButton } from './action-button.tsx';
import styles from './item-drawer.module.css';
import { likelyAction, mediaActions } from './items.ts';
import { mediaTexts as texts } from './texts.ts';

/** The action that is recommended for the item, and why; empty where the pipeline moves it on by itself. */
export function RecommendedAction({ item }: { item: MediaRow }) {
  const likely = likelyAction(item);
  if (!likely) return null;
  return (
    <section className={styles.recommended} aria-label={texts.recommended}>
      <Text size="sm">{likely.why}</Text>
      <ActionButton action={likely.action} item={item} variant="filled" />
    </section>
  );
}

/** The item's other actions; those that are not possible give the reason. */
export function ItemActions({ item }: { item: MediaRow }) {
  const recommended = likelyAction(item)?.action;
  const isDeleted = item.deleted_at != null;
  const offered = mediaActions.filter(
    (action) => action !== (isDeleted ? 'delete' : 'restore') && action !== recommended,
  );
  return (
    <div className={styles.actions}>
      {offered.map((action) => (
        <ActionButton
          key={action}
          action={action}
          item={item}
          {...(action === 'delete' ? { className: styles.bad ?? '' } : {})}
        />
      ))}
    </div>
  );
}
