import type { MediaRow } from '@at/contracts/media';
import { ActionIcon, Group, Menu, Text, Tooltip } from '@mantine/core';
import { IconDots, IconEdit } from '@tabler/icons-react';
import { useStore } from '#state/store.ts';
import { actionIcons } from './action-icons.ts';
import { mediaActions, nameOf } from './items.ts';
import { act, writing } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';
import { useDisabledReasons } from './use-disabled-reasons.ts';

/** The actions of a row: a button for an item in error or rejected, the rest in a menu. */
export function ItemMenu({ item, onEdit }: { item: MediaRow; onEdit: () => void }) {
  const isWriting = useStore(writing).has(item.hash);
  const reasonFor = useDisabledReasons();
  const isDeleted = item.deleted_at != null;
  const isRefused = item.rejection_status === 'rejected' || item.pipeline_status === 'rejected';
  const showsReingest = (item.error_status || isRefused) && reasonFor('reingest', item) === undefined;
  const name = nameOf(item);
  const Reingest = actionIcons.reingest;
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      {showsReingest && (
        <Tooltip label={texts.actions.reingest.name}>
          <ActionIcon
            variant="subtle"
            aria-label={texts.reingestItem(name)}
            disabled={isWriting}
            onClick={() => act('reingest', item)}
          >
            <Reingest size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      <Menu position="bottom-end" width={250}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={texts.actionsOf(name)} loading={isWriting}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconEdit size={16} />} onClick={onEdit}>
            {texts.edit}
          </Menu.Item>
          {mediaActions
            .filter((action) => action !== (isDeleted ? 'delete' : 'restore'))
            .map((action) => {
              const reason = reasonFor(action, item);
              const Icon = actionIcons[action];
              return (
                <Menu.Item
                  key={action}
                  leftSection={<Icon size={16} />}
                  disabled={reason !== undefined}
                  {...(action === 'delete' ? { color: 'red' } : {})}
                  onClick={() => act(action, item)}
                >
                  {texts.actions[action].name}
                  {reason !== undefined && (
                    <Text size="xs" c="dimmed">
                      {reason}
                    </Text>
                  )}
                </Menu.Item>
              );
            })}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
