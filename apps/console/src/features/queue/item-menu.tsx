import type { QueueItem } from '@at/contracts/queue';
import type { QueueAction } from '@at/contracts/queue-rule';
import { ActionIcon, Button, type ButtonProps, Group, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { leaveMenu } from '#ui/leave-menu.ts';
import { MenuAction } from '#ui/menu-action.tsx';
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

/** A menu of actions, each with the reason if it is not possible. */
export function ActionsMenu({
  item,
  actions = itemActions,
  first,
  children,
}: {
  item: QueueItem;
  actions?: readonly QueueAction[];
  /** Above the actions. */
  first?: ReactNode;
  /** What opens it. */
  children: ReactNode;
}) {
  const refusalOf = useRefusals();
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown {...once}>
        {first}
        {actions.map((action) => (
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
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The likely action of a row as a button, and the menu of all. */
export function ItemMenu({ item, onOpen }: { item: QueueItem; onOpen: () => void }) {
  const isWriting = useStore(writing).has(item.id);
  const likely = likelyAction(item);
  const name = nameOf(item);
  const details = (
    <Menu.Item
      onClick={() => {
        leaveMenu();
        onOpen();
      }}
    >
      {texts.details}
    </Menu.Item>
  );
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
      <ActionsMenu item={item} first={details}>
        <ActionIcon variant="subtle" color="gray" aria-label={texts.actionsOf(name)} loading={isWriting}>
          <IconDots size={17} />
        </ActionIcon>
      </ActionsMenu>
    </Group>
  );
}
