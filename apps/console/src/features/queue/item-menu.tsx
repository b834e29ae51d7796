import type { QueueItem } from '@at/contracts/queue';
import type { QueueAction } from '@at/contracts/queue-rule';
import { Button, type ButtonProps, Group, Menu } from '@mantine/core';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { leaveMenu } from '#ui/leave-menu.ts';
import { MenuAction } from '#ui/menu-action.tsx';
import { DotsMenu } from '#ui/menu-button.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { act, useRefusals, writing } from './item-changes.ts';
import { likelyAction, nameOf } from './items.ts';
import { queueTexts as texts } from './texts.ts';

export const itemActions = Object.keys(texts.actions) as QueueAction[];

/** The button of an action; if that is not possible, it gives the reason. */
export function ActionButton({
  action,
  item,
  named = false,
  ...look
}: { action: QueueAction; item: QueueItem; named?: boolean } & Pick<ButtonProps, 'size' | 'variant'>) {
  const isWriting = useStore(writing).has(item.id);
  const reason = useRefusals()(action, item);
  const name = texts.actions[action];
  return (
    <ReasonButton
      reason={reason}
      {...look}
      {...once}
      aria-label={named ? texts.actionOn(name, nameOf(item)) : undefined}
      disabled={isWriting}
      onClick={() => act(action, item)}
    >
      {name}
    </ReasonButton>
  );
}

/** The place and size of a menu of actions. */
export const menuOfActions = { position: 'bottom-end', width: 280 } as const;

/** Actions of a menu, each with the reason if it is not possible. */
export function MenuActions({ item, actions = itemActions }: { item: QueueItem; actions?: readonly QueueAction[] }) {
  const refusalOf = useRefusals();
  return actions.map((action) => (
    <MenuAction
      key={action}
      reason={refusalOf(action, item)}
      {...(action.startsWith('delete') ? { color: 'red' } : {})}
      onClick={() => {
        leaveMenu();
        act(action, item);
      }}
    >
      {texts.actions[action]}
    </MenuAction>
  ));
}

/** The likely action of a row as a button, and the menu of all. */
export function ItemMenu({ item, onOpen }: { item: QueueItem; onOpen: () => void }) {
  const isWriting = useStore(writing, (ids) => ids.has(item.id));
  const likely = likelyAction(item);
  const name = nameOf(item);
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      {likely === 'code' ? (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={texts.actionOn(texts.setCode, name)}
          disabled={isWriting}
          onClick={onOpen}
        >
          {texts.setCode}
        </Button>
      ) : (
        likely && <ActionButton action={likely} item={item} named size="compact-xs" />
      )}
      <DotsMenu {...menuOfActions} name={texts.actionsOf(name)} busy={isWriting}>
        <Menu.Dropdown {...once}>
          <Menu.Item
            onClick={() => {
              leaveMenu();
              onOpen();
            }}
          >
            {texts.details}
          </Menu.Item>
          <MenuActions item={item} />
        </Menu.Dropdown>
      </DotsMenu>
    </Group>
  );
}
