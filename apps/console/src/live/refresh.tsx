import { Button, Group } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useRevalidator } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { refreshServerInfo } from '#api/server-info.ts';
import { connection } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { uiTexts as texts } from '#ui/texts.ts';
import styles from './refresh.module.css';
import { StaleSince } from './stale-since.tsx';

/** Whether a refresh that a user started is running. */
const refreshing = createStore(false);

/**
 * Reloads the page's data, with a sign of it on the refresh button. It checks first that the API answers, so that an error
 * does not replace what is on the screen; after an outage the frame reloads the page.
 */
export function useRefresh(): () => Promise<void> {
  const { revalidate } = useRevalidator();
  return async () => {
    refreshing.set(true);
    const at = Date.now();
    try {
      const wasDown = connection.get().state === 'down';
      if (!(await refreshServerInfo()) || wasDown) return;
      await revalidate();
      // What is on the page beside its route's data.
      await queryClient.refetchQueries({ type: 'active', predicate: ({ state }) => state.dataUpdatedAt < at });
    } finally {
      refreshing.set(false);
    }
  };
}

/** The refresh button, and the age of what is shown. */
export function RefreshButton({ at, refresh }: { at: string; refresh: () => Promise<void> }) {
  const busy = useStore(refreshing);
  return (
    <Group gap="sm">
      <StaleSince at={at} />
      <Button
        className={styles.button ?? ''}
        variant="default"
        size="xs"
        leftSection={<IconRefresh size={16} stroke={1.8} />}
        aria-label={texts.refresh}
        loading={busy}
        onClick={() => void refresh()}
      >
        <span className={styles.word}>{texts.refresh}</span>
      </Button>
    </Group>
  );
}
