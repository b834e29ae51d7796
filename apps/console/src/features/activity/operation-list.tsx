import type { Operation } from '@at/contracts/bulk';
import { Progress } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { endedItems } from '#bulk/bulk-operation.ts';
import { Actor } from '#ui/actor.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import styles from './activity.module.css';
import { isRunning, progressOf, stateOf, titleOf, toneOf } from './describe-operation.ts';
import { activityPageTexts as texts } from './texts.ts';

/** The state, with its progress or its results. */
export function Progressing({ operation }: { operation: Operation }) {
  const text = progressOf(operation);
  return (
    <div className={styles.progress}>
      <Status tone={toneOf(operation)}>{stateOf(operation)}</Status>
      {operation.taken_back_by !== null && <Status tone="neutral">{texts.undone}</Status>}
      {isRunning(operation) && (
        <Progress value={(100 * endedItems(operation)) / Math.max(1, operation.total)} aria-label={text} />
      )}
      {text && <span>{text}</span>}
    </div>
  );
}

/** Operations, newest first; each opens with its items. */
export function OperationList({ operations, opened }: { operations: Operation[]; opened: string | undefined }) {
  const { search } = useLocation();
  return (
    <ol className={styles.operations} aria-label={texts.operations}>
      {operations.map((operation) => {
        const { operation_id, actor, actor_verified, run_by, run_by_verified, started_at, created_at } = operation;
        return (
          <li key={operation_id} data-current={operation_id === opened || undefined}>
            <Link
              className={styles.name}
              to={{ pathname: `/activity/${operation_id}`, search }}
              state={{ fromList: true }}
              preventScrollReset
            >
              {titleOf(operation)}
            </Link>
            <Progressing operation={operation} />
            <div className={styles.who}>
              {run_by === null ? (
                <Actor name={actor} verified={actor_verified} />
              ) : (
                <Actor name={run_by} verified={run_by_verified} />
              )}{' '}
              <RelativeTime at={started_at ?? created_at} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
