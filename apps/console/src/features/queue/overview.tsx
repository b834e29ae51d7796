import type { QueueFailure, QueueStats } from '@at/contracts/queue';
import { queueStatuses } from '@at/contracts/vocabulary';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { CauseList } from '#ui/cause-list.tsx';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { statusColors } from './colors.ts';
import { Day } from './day.tsx';
import { overviewTexts as texts } from './overview.texts.ts';
import { queueFailures } from './queries.ts';
import styles from './queue.module.css';
import { queueStats } from './queue-stats.ts';
import { queueTexts } from './texts.ts';
import { type QueueView, queueView, toggleStatus } from './view.ts';

function Failures({ failures, view }: { failures: readonly QueueFailure[]; view: QueueView }) {
  const rows = failures.map((failure) => {
    const { fingerprint, message, step, count, waiting } = failure;
    const isChosen = view.fingerprint === fingerprint;
    const chosen = { ...view, ...queueView.firstPage, status: [], fingerprint: isChosen ? '' : fingerprint };
    const title = [step !== null && queueTexts.stepName(step), waiting > 0 && texts.waiting(formatInteger(waiting))]
      .filter(Boolean)
      .join(', ');
    const to = { search: `${queueView.write(chosen)}` };
    return { key: fingerprint, count, text: message, title, to, isChosen, children: null };
  });
  return <CauseList label={texts.failures} causes={rows} />;
}

/** Items by status: a bar with the share of each, and a link to the items of each. */
function Stats({ stats, view }: { stats: QueueStats; view: QueueView }) {
  return (
    <nav className={styles.stats} aria-label={texts.stats}>
      <div className={styles.shares} aria-hidden>
        {queueStatuses.map(
          (status) =>
            stats[status] > 0 && (
              <i key={status} style={{ flexGrow: stats[status], background: statusColors[status] }} />
            ),
        )}
      </div>
      {queueStatuses.map((status) => {
        const isChosen = view.status.join() === status;
        return (
          <Link
            key={status}
            data-status={stats[status] > 0 ? status : undefined}
            aria-current={isChosen || undefined}
            to={{ search: `${queueView.write({ ...view, ...queueView.firstPage, ...toggleStatus(view, status) })}` }}
            preventScrollReset
          >
            <b>{formatInteger(stats[status])}</b> {queueTexts.statusName(status)}
          </Link>
        );
      })}
      <Link to={{ search: '' }} preventScrollReset>
        <b>{formatInteger(stats.total)}</b> {texts.total}
      </Link>
    </nav>
  );
}

/** A part that is loaded, that failed, or that is on its way. */
function Loaded<T>({
  query: { data, error, refetch },
  what,
  children,
}: {
  query: { data: T | undefined; error: Error | null; refetch: () => unknown };
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  return error && <LoadFailure what={what} error={error} retry={refetch} />;
}

/** What a person should see first: what failed, and how much there is. */
export function Overview({ view }: { view: QueueView }) {
  const failures = useQuery(queueFailures, queryClient);
  const stats = useQuery(queueStats, queryClient);
  return (
    <div className={styles.overview}>
      <Loaded query={failures} what={texts.failures}>
        {(data) => <Failures failures={data.failures} view={view} />}
      </Loaded>
      <Loaded query={stats} what={texts.stats}>
        {(data) => data.total > 0 && <Stats stats={data} view={view} />}
      </Loaded>
      <Day />
    </div>
  );
}
