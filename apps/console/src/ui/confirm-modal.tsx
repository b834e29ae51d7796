import { Button, Group, Modal, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { once } from './double-clicks.ts';
import { uiTexts as texts } from './texts.ts';
import { useOpenOnMount } from './use-open-on-mount.ts';

/** Asks before what cannot be undone or is large; the button has the verb. */
export function ConfirmModal({
  opened,
  title,
  about,
  text,
  verb,
  isDangerous = false,
  onClose,
  onConfirm,
}: {
  opened: boolean;
  title: string;
  /** What it concerns. */
  about?: string;
  text: ReactNode;
  verb: string;
  isDangerous?: boolean;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const [isReady] = useOpenOnMount();
  return (
    <Modal opened={isReady && opened} onClose={onClose} title={title} zIndex={300}>
      {about && (
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          {about}
        </Text>
      )}
      <Text size="sm" mt={6}>
        {text}
      </Text>
      <Group mt="lg" justify="flex-end" {...once}>
        <Button variant="default" onClick={onClose}>
          {texts.cancel}
        </Button>
        <Button
          data-autofocus
          {...(isDangerous ? { color: 'red' } : {})}
          onClick={() => {
            onClose();
            onConfirm();
          }}
        >
          {verb}
        </Button>
      </Group>
    </Modal>
  );
}
