import { Button, Group } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useRevalidator } from 'react-router';
import { refreshServerInfo } from '#api/server-info.ts';
import { connection } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { uiTexts as texts } from '#ui/texts.ts';
import styles from './refresh.module.css';
import { StaleSince } from './stale-since.tsx';

/** Somebody waits for a refresh. Pages that follow events load themselves anew without a sign of it. */
const refreshing = createStore(false);

/**
 * Loads the page anew. It asks first whether the API answers: what is on the screen is not given up for an error. When
 * the API comes back, the frame loads the page by itself.
 */
export function useReload(): () => Promise<void> {
  const { revalidate } = useRevalidator();
  return async () => {
    const wasDown = connection.get().state === 'down';
    if ((await refreshServerInfo()) && !wasDown) await revalidate();
  };
}

/** The same because somebody asked for it, which the refresh button shows. */
export function useRefresh(): () => Promise<void> {
  const reload = useReload();
  return async () => {
    refreshing.set(true);
    try {
      await reload();
    } finally {
      refreshing.set(false);
    }
  };
}

/** The refresh button, and how old what is shown is. */
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
