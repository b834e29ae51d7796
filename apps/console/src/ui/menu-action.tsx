import { Menu, type MenuItemProps, Text } from '@mantine/core';

/** An action in a menu, with the reason below it if it is not possible. */
export function MenuAction({
  reason,
  children,
  ...item
}: MenuItemProps & { reason: string | undefined; onClick: () => void }) {
  return (
    <Menu.Item disabled={reason !== undefined} {...item}>
      {children}
      {reason !== undefined && (
        <Text size="xs" c="dimmed">
          {reason}
        </Text>
      )}
    </Menu.Item>
  );
}
