import { retryQueueItems } from '@at/contracts/queue-bulk';
import type { QueueFailure, QueueHealth, QueueStats } from '@at/contracts/queue-status';
import { queueWorkers } from '@at/contracts/queue-status';
import { queueStatuses } from '@at/contracts/vocabulary';
import { Alert, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Fragment, type ReactNode, useState } from 'react';
import { Link, type To, useLocation, useNavigate } from 'react-router';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { failureName } from '#runs/texts.ts';
import { CauseList, CauseRetry } from '#ui/cause-list.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatInteger, isolate } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { revealList } from '#ui/reveal-list.ts';
import { Status, type Tone } from '#ui/status.tsx';
import { useBulk } from './bulk.ts';
import { statusColors } from './colors.ts';
import { Day } from './day.tsx';
import { retryOne } from './item-changes.ts';
import { overviewTexts as texts } from './overview.texts.ts';
import { queueFailures, queueHealth, queueSteps } from './queries.ts';
import styles from './queue.module.css';
import { addressWith, overList } from './queue-columns.tsx';
import { needYou, queueStats } from './queue-stats.ts';
import { remedyOf } from './remedies.ts';
import { queueTexts } from './texts.ts';
import { type QueueView, queueView, toggleStatus } from './view.ts';
import { WatchFolder } from './watch-folder.tsx';

/** Percent of a disk from which files may soon not fit. */
const fullDisk = 90;

type Worker = (typeof queueWorkers)[number];

const workerTones = { running: 'good', stopped: 'bad', stale: 'bad', unknown: 'neutral' } as const;

/** A worker that nothing is configured for has nothing to do. */
const isNeeded = (worker: Worker, missing: (step: string) => boolean) =>
  worker === 'EmbyUpdater' ? !missing('publish') : worker === 'FileProcessor' ? !missing('extract') : true;

/** One line while all is well; open from the start if something is wrong. */
function HealthStrip({ health, needed }: { health: QueueHealth; needed: ReadonlySet<Worker> }) {
  const { workers, heartbeats, database, folders, uptime, system } = health;
  const isUnusable = folders.startsWith('error');
  const stopped = [...needed].filter((worker) => workers[worker] !== 'running');
  const isFull = (system.disk_percent ?? 0) >= fullDisk;
  const [tone, text]: [Tone, string] =
    database !== 'connected'
      ? ['bad', texts.databaseDown]
      : stopped.length > 0
        ? ['bad', texts.stopped(stopped.map((worker) => texts.workers[worker]))]
        : isUnusable
          ? ['bad', texts.foldersUnusable]
          : isFull
            ? ['warning', texts.diskFull]
            : ['good', texts.healthy];
  // Decided once: nothing moves when something breaks while it is looked at; the line itself says so.
  const [isOpen, setOpen] = useState(tone !== 'good');
  const figures = [
    [texts.uptime, uptime],
    [texts.cpu, texts.percent(formatInteger(Math.round(system.cpu_percent)))],
    [texts.memory, texts.percent(formatInteger(Math.round(system.memory_percent)))],
    [
      texts.disk,
      system.disk_percent === null ? texts.notSeen : texts.percent(formatInteger(Math.round(system.disk_percent))),
    ],
  ] as const;
  return (
    <details className={styles.health} open={isOpen} onToggle={({ currentTarget: { open } }) => setOpen(open)}>
      <summary>
        <Status tone={tone}>{text}</Status>
        <span className={styles.aside}>{figures.map(([name, value]) => `${name} ${value}`).join(' · ')}</span>
      </summary>
      <Facts look="strip">
        {queueWorkers.map((worker) => (
          <Fact key={worker} name={texts.workers[worker]}>
            <Status tone={needed.has(worker) ? workerTones[workers[worker]] : 'neutral'}>
              {needed.has(worker) ? texts.states[workers[worker]] : texts.notConfigured}
            </Status>{' '}
            {heartbeats[worker] !== null && (
              <span className={styles.aside}>
                {texts.seen} <RelativeTime at={heartbeats[worker]} />
              </span>
            )}
          </Fact>
        ))}
        <Fact name={texts.database}>
          <Status tone={database === 'connected' ? 'good' : 'bad'}>{database}</Status>
        </Fact>
        <Fact name={texts.folders}>
          <Status tone={isUnusable ? 'bad' : folders === 'ready' ? 'good' : 'neutral'}>
            {folders.replace(/^error: /, '')}
          </Status>
        </Fact>
      </Facts>
    </details>
  );
}

function Retries({
  failure: { fingerprint, code, step, count, example_ids },
  name,
  to,
  lacks,
}: {
  failure: QueueFailure;
  name: string;
  /** The list of its files. */
  to: To;
  lacks: string[];
}) {
  const refusal =
    useRefusal(retryQueueItems.config.role) ?? (lacks.length > 0 ? texts.set(lacks.join(', ')) : undefined);
  const { retryMany } = useBulk();
  const [first] = example_ids;
  const { search } = useLocation();
  const navigate = useNavigate();
  const remedy = remedyOf({ failed_step: step, error_code: code });
  const label = count > 1 ? texts.showFiles : queueTexts.setCode;
  return (
    <>
      {remedy.action === 'code' && first !== undefined && (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={queueTexts.actionOn(label, isolate(name))}
          onClick={() => {
            if (count === 1) return void navigate(addressWith(search, `${first}`), overList);
            void navigate(to, { preventScrollReset: true });
            revealList();
          }}
        >
          {label}
        </Button>
      )}
      {!remedy.isOnly && (
        <CauseRetry
          name={name}
          count={count}
          refusal={refusal}
          one={first === undefined ? undefined : () => retryOne(first)}
          all={() => retryMany({ filter: { fingerprint } })}
        />
      )}
    </>
  );
}

function Failures({
  failures,
  lacksOf,
  view,
}: {
  failures: readonly QueueFailure[];
  /** The variables without which a step cannot be done. */
  lacksOf: (step: string | null) => string[];
  view: QueueView;
}) {
  const rows = failures.map((failure) => {
    const { fingerprint, code, message, is_alike, step, count, waiting } = failure;
    // The message of one file is not true of another.
    const isNamed = code !== null && code !== 'unexpected';
    const text = is_alike ? message : isNamed ? failureName(code) : texts.suchAs(message);
    const isChosen = view.fingerprint === fingerprint;
    // Without other filters, so that the list has as many files as the count says.
    const all = queueView.withoutFilters(view);
    const filteredBy = (fingerprint: string) => ({ search: `${queueView.write({ ...all, q: '', fingerprint })}` });
    return {
      key: fingerprint,
      count,
      text,
      title: step === null ? undefined : queueTexts.stepName(step),
      note: waiting > 0 ? texts.waiting(formatInteger(waiting)) : undefined,
      to: filteredBy(isChosen ? '' : fingerprint),
      isChosen,
      children: <Retries failure={failure} name={text} to={filteredBy(fingerprint)} lacks={lacksOf(step)} />,
    };
  });
  return <CauseList label={texts.failures} causes={rows} />;
}

/** Items by status: a bar with the share of each, and a link to the items of each. */
function Stats({ stats, view }: { stats: QueueStats; view: QueueView }) {
  const to = (changes: Partial<QueueView>) => ({
    search: `${queueView.write({ ...view, ...queueView.firstPage, ...changes })}`,
  });
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
      {queueStatuses.map((status) => (
        <Fragment key={status}>
          <Link
            data-status={stats[status] > 0 ? status : undefined}
            aria-current={(view.status.join() === status && view.waits === 'all') || undefined}
            to={to({ ...toggleStatus(view, status), waits: 'all' })}
            preventScrollReset
          >
            <b>{formatInteger(stats[status])}</b> {queueTexts.statusName(status)}
          </Link>
          {status === 'error' && stats.error_waiting > 0 && (
            <Link
              data-status={needYou(stats) > 0 ? status : undefined}
              aria-current={view.waits === 'false' || undefined}
              to={to({ status: [], waits: view.waits === 'false' ? 'all' : 'false' })}
              preventScrollReset
            >
              <b>{formatInteger(needYou(stats))}</b> {texts.needYou(needYou(stats), formatInteger(stats.error))}
            </Link>
          )}
        </Fragment>
      ))}
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

/** What a person should see first: whether the workers run, what is not configured, what failed, and how much there is. */
export function Overview({ view }: { view: QueueView }) {
  const health = useQuery(queueHealth, queryClient);
  const steps = useQuery(queueSteps, queryClient);
  const failures = useQuery(queueFailures, queryClient);
  const stats = useQuery(queueStats, queryClient);
  const lacksOf = (step: string | null) => steps.data?.steps.find((one) => one.step === step)?.missing ?? [];
  const missing = (step: string) => lacksOf(step).length > 0;
  const lacking = Map.groupBy(
    [
      { what: texts.watch, names: steps.data?.watch.missing ?? [] },
      ...(steps.data?.steps ?? []).map(({ step, missing: names }) => ({ what: queueTexts.stepName(step), names })),
    ].filter(({ names }) => names.length > 0),
    ({ names }) => names.join(', '),
  );
  return (
    <div className={styles.overview}>
      <Loaded query={health} what={texts.health}>
        {(data) => (
          <HealthStrip health={data} needed={new Set(queueWorkers.filter((worker) => isNeeded(worker, missing)))} />
        )}
      </Loaded>
      {lacking.size > 0 && (
        <Alert role="note" variant="default" p="xs" title={texts.lacking}>
          {texts.setThese}
          {[...lacking].map(([names, parts]) => (
            <div key={names}>
              {`${parts.map(({ what }) => what).join(', ')}: `}
              {names.split(', ').map((name) => (
                <span key={name}>
                  <code style={{ whiteSpace: 'nowrap' }}>{name}</code>{' '}
                </span>
              ))}
            </div>
          ))}
        </Alert>
      )}
      <Loaded query={failures} what={texts.failures}>
        {(data) => <Failures failures={data.failures} lacksOf={lacksOf} view={view} />}
      </Loaded>
      <Loaded query={stats} what={texts.stats}>
        {(data) =>
          data.total > 0 && (
            <>
              <Stats stats={data} view={view} />
              <WatchFolder />
            </>
          )
        }
      </Loaded>
      <Day />
    </div>
  );
}
