import type { MediaRow } from '@at/contracts/media';
import { Button, Tooltip } from '@mantine/core';
import { useStore } from '#state/store.ts';
import { actionIcons } from './action-icons.ts';
import styles from './item-drawer.module.css';
import { mediaActions } from './items.ts';
import { act, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useDisabledReasons } from './use-disabled-reasons.ts';

/** The item's actions; those that are not possible give the reason. */
export function ItemActions({ item }: { item: MediaRow }) {
  const isWriting = useStore(writing).has(item.hash);
  const reasonFor = useDisabledReasons();
  const isDeleted = item.deleted_at != null;
  const offered = mediaActions.filter((action) => action !== (isDeleted ? 'delete' : 'restore'));
  return (
    <div className={styles.actions}>
      {offered.map((action) => {
        const reason = reasonFor(action, item);
        const Icon = actionIcons[action];
        return (
          <Tooltip
            key={action}
            label={reason}
            disabled={reason === undefined}
            events={{ hover: true, focus: true, touch: true }}
          >
            <Button
              variant="default"
              {...(action === 'delete' && reason === undefined ? { className: styles.bad ?? '' } : {})}
              leftSection={<Icon size={16} />}
              // Not `disabled`: the reason must be reachable by keyboard.
              data-disabled={reason !== undefined}
              aria-disabled={reason !== undefined}
              disabled={isWriting}
              onClick={() => reason === undefined && act(action, item)}
            >
              {texts.actions[action].name}
            </Button>
          </Tooltip>
        );
      })}
    </div>
  );
}
