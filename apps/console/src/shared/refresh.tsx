import { Button, Group, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useRevalidator } from 'react-router';
import { connection } from './calls.ts';
import { formatClock, formatMoment } from './format.ts';
import { refreshMeta } from './meta.ts';

/**
 * Loads the page anew. It asks first whether the API answers: what is on the screen is not given up for an error. When
 * the API comes back, the frame loads the page by itself.
 */
export function useRefresh(): () => Promise<void> {
  const { revalidate } = useRevalidator();
  return async () => {
    const wasDown = connection.get().state === 'down';
    await refreshMeta();
    if (!wasDown && connection.get().state === 'up') await revalidate();
  };
}

/** The refresh button, and how old what is shown is. */
export function RefreshButton({ at, refresh }: { at: string; refresh: () => Promise<void> }) {
  const { state } = useRevalidator();
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed">
        As of{' '}
        <time dateTime={at} title={formatMoment(at)}>
          {formatClock(at)}
        </time>
      </Text>
      <Button
        variant="default"
        size="xs"
        leftSection={<IconRefresh size={16} stroke={1.8} />}
        loading={state === 'loading'}
        onClick={() => void refresh()}
      >
        Refresh
      </Button>
    </Group>
  );
}
