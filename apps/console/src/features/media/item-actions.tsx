import type { MediaRow } from '@at/contracts/media';
import { Text } from '@mantine/core';
import { ActionButton } from './action-button.tsx';
import styles from './item-drawer.module.css';
import { likelyAction, mediaActions } from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { useDisabledReasons } from './use-disabled-reasons.ts';

/** The action that is recommended for the item, and why; empty where the pipeline moves it on by itself. */
export function RecommendedAction({ item }: { item: MediaRow }) {
  const likely = likelyAction(item);
  if (!likely) return null;
  return (
    <section className={styles.recommended} aria-label={texts.recommended}>
      <Text size="sm">{likely.why}</Text>
      <ActionButton action={likely.action} item={item} variant={likely.isFutile ? 'default' : 'filled'} />
    </section>
  );
}

/** The item's other actions, and why those that are not possible are not. */
export function ItemActions({ item }: { item: MediaRow }) {
  const recommended = likelyAction(item)?.action;
  const reasonFor = useDisabledReasons();
  const offered = mediaActions.filter((action) => action !== (item.deleted_at != null ? 'delete' : 'restore'));
  const reasons = [...new Set(offered.map((action) => reasonFor(action, item)))].flatMap((reason) => {
    if (reason === undefined) return [];
    const refused = offered.filter((action) => reasonFor(action, item) === reason);
    return [texts.refused(refused.map((action) => texts.actions[action].name).join(', '), reason)];
  });
  return (
    <div>
      <div className={styles.actions}>
        {offered
          .filter((action) => action !== recommended)
          .map((action) => (
            <ActionButton
              key={action}
              action={action}
              item={item}
              {...(action === 'delete' ? { className: styles.bad ?? '' } : {})}
            />
          ))}
      </div>
      {reasons.map((reason) => (
        <Text key={reason} size="xs" c="dimmed" mt={6}>
          {reason}
        </Text>
      ))}
    </div>
  );
}
