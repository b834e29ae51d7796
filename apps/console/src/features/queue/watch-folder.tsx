import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { Copyable } from '#ui/copyable.tsx';
import { overviewTexts as texts } from './overview.texts.ts';
import { queueSteps } from './queries.ts';
import styles from './queue.module.css';

/** Where files are dropped; nothing while that is not configured. */
export function WatchFolder() {
  const path = useQuery(queueSteps, queryClient).data?.watch.path;
  if (!path) return null;
  return (
    <span className={styles.mark}>
      {texts.dropInto} <Copyable value={path} what={texts.watch} />
    </span>
  );
}
