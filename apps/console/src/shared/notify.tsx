import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { ApiProblem } from './api.ts';

/** Short messages in the corner; what can be taken back carries its Undo. */

const shownFor = 8_000;
let shown = 0;

/** Says what happened, with Undo where it can be taken back (as long as the message is shown, at least 7 seconds). */
export function notify(message: string, undo?: () => void): void {
  shown += 1;
  const id = `message-${shown}`;
  notifications.show({
    id,
    autoClose: shownFor,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Dismiss' },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        {undo && (
          <Button
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </Group>
    ),
  });
}

/** Says what went wrong; stays until it is dismissed. */
export function notifyError(title: string, error: unknown): void {
  const requestId = error instanceof ApiProblem ? error.problem.instance : undefined;
  notifications.show({
    autoClose: false,
    withBorder: true,
    color: 'red',
    role: 'alert',
    title,
    closeButtonProps: { 'aria-label': 'Dismiss' },
    message: (
      <Text size="sm">
        {error instanceof Error ? error.message : String(error)}
        {requestId && ` (request ${requestId})`}
      </Text>
    ),
  });
}
