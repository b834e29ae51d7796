import type { Meta, Readiness as ReadinessReply } from '@at/contracts/system';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatDecimal, formatDuration, formatInteger, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status, type Tone } from '#ui/status.tsx';
import styles from './home.module.css';
import { homeTexts } from './texts.ts';

const { health: texts, migrations: histories, readiness: readinessTexts } = homeTexts;

/** The section of the settings that shows the connection. */
const connected = '/settings#connection';

type Check = ReadinessReply['checks'][number];

/** Whether the API, the database and Transmission respond, how fast, and which they are. */
export function Health({ facts, latency, checks }: { facts: Meta; latency: number | null; checks: Check[] }) {
  const state = useStore(connection, (value) => value.state);
  const { database } = facts;
  const down = state === 'down';
  const unknown = <Status tone="neutral">{texts.unknown}</Status>;
  return (
    <Facts look="plain" className={styles.facts}>
      <Fact name={texts.api}>
        {down ? (
          <Status tone="bad">{texts.unreachable}</Status>
        ) : latency === null ? (
          unknown
        ) : (
          <Answers ms={latency} to={connected} />
        )}
      </Fact>
      <Fact name={texts.database}>
        {down ? (
          unknown
        ) : database.latency_ms !== null ? (
          <Answers ms={database.latency_ms} to={connected} />
        ) : (
          <Status tone="bad">{texts.unreachable}</Status>
        )}
      </Fact>
      <Fact name={texts.transmission}>
        {down ? (
          unknown
        ) : (
          <Transmission
            configured={facts.configured.transmission}
            check={checks.find(({ name }) => name === 'transmission')}
          />
        )}
      </Fact>
      <Fact name={texts.version}>
        <Link to={connected}>{facts.version}</Link>, {facts.environment}
      </Fact>
      <Fact name={texts.started}>
        <RelativeTime at={facts.started_at} to={connected} />
      </Fact>
      <Fact name={texts.name}>{database.name ?? none}</Fact>
      <Fact name={texts.host}>{database.embedded ? texts.embedded : (database.host ?? texts.socket)}</Fact>
      <Fact name={texts.postgres}>
        {database.version === null ? none : <Link to={connected}>{database.version}</Link>}
      </Fact>
    </Facts>
  );
}

export const shownLatency = (ms: number) => (ms < 10 ? `${formatDecimal(ms, 1)} ms` : formatDuration(ms));

function Answers({ ms, to }: { ms: number; to: string }) {
  return (
    <Status tone="good">
      <Link to={to}>{texts.answersIn(shownLatency(ms))}</Link>
    </Status>
  );
}

function Transmission({ configured, check }: { configured: boolean; check: Check | undefined }) {
  if (!configured) return <Status tone="neutral">{texts.notConfigured}</Status>;
  if (!check) return <Status tone="neutral">{texts.unknown}</Status>;
  // The checks show the response or the error.
  if (check.status === 'ok') return <Answers ms={check.ms ?? 0} to="#readiness" />;
  return <Status tone="warning">{texts.unreachable}</Status>;
}

type SchemaFacts = Meta['schemas'][number];

export function migrationState({ version, failed, pending }: SchemaFacts): [tone: Tone, text: string] {
  if (failed > 0) return ['bad', histories.failed(formatInteger(failed))];
  if (pending === null) return ['neutral', histories.others];
  if (pending > 0) return ['warning', histories.open(formatInteger(pending))];
  return version === null ? ['neutral', histories.notYet] : ['good', histories.applied];
}

export function Migrations({ facts: { schemas, database } }: { facts: Meta }) {
  if (!database.reachable || schemas.length === 0) return <p>{histories.unknown}</p>;
  return (
    <dl className={styles.histories}>
      {schemas.map((schema) => {
        const [tone, state] = migrationState(schema);
        const to = `/migrations?${new URLSearchParams({ schema: schema.schema })}`;
        return (
          <div key={schema.schema}>
            <dt>
              <Link to={to}>{schema.schema === 'console extras' ? histories.extras : schema.schema}</Link>
            </dt>
            <dd>
              {schema.version === null ? (
                histories.none
              ) : (
                <>
                  <Link to={to}>{histories.version(schema.version)}</Link>,{' '}
                  <RelativeTime at={schema.installed_on} to={to} />
                </>
              )}
            </dd>
            <dd>
              <Status tone={tone}>{schema.failed || schema.pending ? <Link to={to}>{state}</Link> : state}</Status>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const checkTones = { ok: 'good', degraded: 'warning', failed: 'bad' } as const;

export function Readiness({ readiness: { status, checks } }: { readiness: ReadinessReply }) {
  const degraded = checks.filter((check) => check.status === 'degraded').length;
  return (
    <>
      <p>
        <Status tone={status === 'not ready' ? 'bad' : degraded > 0 ? 'warning' : 'good'}>
          {status === 'not ready'
            ? readinessTexts.notReady
            : degraded > 0
              ? readinessTexts.degraded(formatInteger(degraded))
              : readinessTexts.ready}
        </Status>
      </p>
      <dl className={styles.checks}>
        {checks.map((check) => (
          <Fragment key={check.name}>
            <dt>{check.name}</dt>
            <dd>
              <Status tone={checkTones[check.status]}>{readinessTexts.states[check.status]}</Status>
            </dd>
            <dd>
              {check.detail}
              {check.missing && check.missing.length > 0 && (
                <details>
                  <summary>
                    {(check.name === 'migrations' ? readinessTexts.toLookAt : readinessTexts.missing)(
                      formatInteger(check.missing.length),
                    )}
                  </summary>
                  <ul>
                    {check.missing.map((name) => (
                      <li key={name}>
                        <code>{name}</code>
                      </li>
                    ))}
                  </ul>
                </details>
              )}
            </dd>
          </Fragment>
        ))}
      </dl>
    </>
  );
}
