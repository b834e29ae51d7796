import type { MediaRow } from '@at/contracts/media';
import { Menu } from '@mantine/core';
import { IconEdit } from '@tabler/icons-react';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { leaveMenu } from '#ui/leave-menu.ts';
import { MenuAction } from '#ui/menu-action.tsx';
import { DotsMenu } from '#ui/menu-button.tsx';
import { actionIcons } from './action-icons.ts';
import { mediaActions, nameOf } from './items.ts';
import { act, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useDisabledReasons } from './use-disabled-reasons.ts';

/** The menu of a row's actions; the likely one is a button of its own. */
export function ItemMenu({ item, onEdit }: { item: MediaRow; onEdit: () => void }) {
  const isWriting = useStore(writing, (hashes) => hashes.has(item.hash));
  return (
    <DotsMenu position="bottom-end" width={250} name={texts.actionsOf(nameOf(item))} busy={isWriting}>
      <Menu.Dropdown {...once}>
        <Menu.Item
          leftSection={<IconEdit size={16} />}
          onClick={() => {
            leaveMenu();
            onEdit();
          }}
        >
          {texts.edit}
        </Menu.Item>
        <Actions item={item} />
      </Menu.Dropdown>
    </DotsMenu>
  );
}

function Actions({ item }: { item: MediaRow }) {
  const reasonFor = useDisabledReasons();
  return mediaActions
    .filter((action) => action !== (item.deleted_at != null ? 'delete' : 'restore'))
    .map((action) => {
      const Icon = actionIcons[action];
      return (
        <MenuAction
          key={action}
          leftSection={<Icon size={16} />}
          reason={reasonFor(action, item)}
          {...(action === 'delete' ? { color: 'red' } : {})}
          onClick={() => act(action, item)}
        >
          {texts.actions[action].name}
        </MenuAction>
      );
    });
}
