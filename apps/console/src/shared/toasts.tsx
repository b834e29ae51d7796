import { Button, Group, Text } from '@mantine/core';
import { Notifications, notifications } from '@mantine/notifications';
import { ApiProblem } from './api.ts';
import { partTexts as texts } from './texts/parts.ts';

/** The messages of `notify.ts`, and their place. */

export function Toasts() {
  return <Notifications position="bottom-right" limit={8} />;
}

const shownFor = 8_000;
/** More at once would hide the page. */
const atOnce = 3;
let made = 0;
/** Messages on the screen, oldest first. */
let shown: string[] = [];

export function showMessage(message: string, undo?: () => void): void {
  made += 1;
  const id = `message-${made}`;
  if (shown.length >= atOnce) notifications.hide(shown[0] as string);
  shown = [...shown, id];
  notifications.show({
    id,
    role: 'status',
    onClose: () => {
      shown = shown.filter((other) => other !== id);
    },
    autoClose: shownFor,
    withBorder: true,
    closeButtonProps: { 'aria-label': texts.dismiss },
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {message}
        </Text>
        {undo && (
          <Button
            flex="none"
            size="compact-sm"
            variant="light"
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            {texts.undo}
          </Button>
        )}
      </Group>
    ),
  });
}

export function showError(title: string, error: unknown): void {
  const requestId = error instanceof ApiProblem ? error.problem.instance : undefined;
  notifications.show({
    autoClose: false,
    withBorder: true,
    color: 'red',
    role: 'alert',
    title,
    closeButtonProps: { 'aria-label': texts.dismiss },
    message: (
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {error instanceof Error ? error.message : String(error)}
        {requestId && texts.request(requestId)}
      </Text>
    ),
  });
}
