import type { Meta, Readiness as ReadinessReply } from '@at/contracts/system';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { connection } from '#shared/calls.ts';
import { formatInteger, none } from '#shared/format.ts';
import { Moment } from '#shared/moment.tsx';
import { StateMark, type Tone } from '#shared/state-mark.tsx';
import { useStore } from '#shared/store.ts';
import styles from './home.module.css';

/** The ground the work stands on: the API, its database, its migrations, and whether all of it is ready. */

export function Platform({ facts }: { facts: Meta }) {
  const { state } = useStore(connection);
  const { database } = facts;
  const down = state === 'down';
  return (
    <dl className={styles.facts}>
      <dt>API</dt>
      <dd>{down ? <StateMark tone="bad">Unreachable</StateMark> : <StateMark tone="good">Answers</StateMark>}</dd>
      <dt>Version</dt>
      <dd>
        {facts.version}, {facts.environment}
      </dd>
      <dt>Started</dt>
      <dd>
        <Moment at={facts.started_at} />
      </dd>
      <dt>Database</dt>
      <dd>
        {down ? (
          <StateMark tone="neutral">Not known</StateMark>
        ) : database.reachable ? (
          <StateMark tone="good">{`Answers in ${database.latency_ms} ms`}</StateMark>
        ) : (
          <StateMark tone="bad">Unreachable</StateMark>
        )}
      </dd>
      <dt>Name</dt>
      <dd>{database.name ?? none}</dd>
      <dt>Host</dt>
      <dd>{database.embedded ? 'embedded, on this machine' : (database.host ?? 'a socket on this machine')}</dd>
      <dt>PostgreSQL</dt>
      <dd>{database.version ?? none}</dd>
    </dl>
  );
}

type SchemaFacts = Meta['schemas'][number];

function migrationState({ version, pending }: SchemaFacts): [tone: Tone, words: string] {
  if (pending === null) return ['neutral', 'kept by another project'];
  if (pending > 0) return ['warning', `${formatInteger(pending)} not applied as shipped`];
  return version === null ? ['neutral', 'none yet'] : ['good', 'all applied'];
}

export function Migrations({ facts: { schemas, database } }: { facts: Meta }) {
  if (!database.reachable || schemas.length === 0) return <p>Not known while the database does not answer.</p>;
  return (
    <dl className={styles.histories}>
      {schemas.map((schema) => {
        const [tone, words] = migrationState(schema);
        return (
          <div key={schema.schema}>
            <dt>
              {schema.schema === 'console extras' ? (
                'console extras (indexes)'
              ) : (
                <Link to={`/migrations?schema=${schema.schema}`}>{schema.schema}</Link>
              )}
            </dt>
            <dd>
              {schema.version === null ? (
                'none has run'
              ) : (
                <>
                  version {schema.version}, <Moment at={schema.installed_on} />
                </>
              )}
            </dd>
            <dd>
              <StateMark tone={tone}>{words}</StateMark>
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
        <StateMark tone={status === 'not ready' ? 'bad' : degraded > 0 ? 'warning' : 'good'}>
          {status === 'not ready' ? 'Not ready' : degraded > 0 ? `Ready, ${formatInteger(degraded)} degraded` : 'Ready'}
        </StateMark>
      </p>
      <dl className={styles.checks}>
        {checks.map((check) => (
          <Fragment key={check.name}>
            <dt>{check.name}</dt>
            <dd>
              <StateMark tone={checkTones[check.status]}>{check.status}</StateMark>
            </dd>
            <dd>
              {check.detail}
              {check.missing && check.missing.length > 0 && (
                <details>
                  <summary>
                    {formatInteger(check.missing.length)} {check.name === 'migrations' ? 'to look at' : 'missing'}
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
