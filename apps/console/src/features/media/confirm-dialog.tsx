import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { isolate } from '#ui/format.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { nameOf } from './items.ts';
import { pendingAction, run } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';

const close = () => pendingAction.set(null);

/** Asks for confirmation before an action that cannot be fully undone. */
export function ConfirmDialog() {
  const pending = useStore(pendingAction);
  const [opened] = useOpenOnMount();
  // The text stays while the dialog closes.
  const [shown, setShown] = useState(pending);
  if (pending !== null && pending !== shown) setShown(pending);
  const action = shown?.action;
  const question =
    action === 'approve' || action === 'finish' || action === 'delete' ? texts.questions[action] : undefined;
  if (!shown || !question) return null;
  return (
    <Modal opened={opened && pending !== null} onClose={close} title={question.title} zIndex={300}>
      <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
        {isolate(nameOf(shown.item))}
      </Text>
      <Text size="sm" mt={6}>
        {question.text}
      </Text>
      <Group mt="lg" justify="flex-end" {...once}>
        <Button variant="default" onClick={close}>
          {texts.cancel}
        </Button>
        <Button
          data-autofocus
          {...(shown.action === 'delete' ? { color: 'red' } : {})}
          onClick={() => {
            close();
            void run(shown.action, shown.item);
          }}
        >
          {texts.actions[shown.action].name}
        </Button>
      </Group>
    </Modal>
  );
}
