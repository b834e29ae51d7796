import type { Session } from '@at/contracts/session';
import type { Meta } from '@at/contracts/system';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { signOutOrNotify } from '#api/sign-out.ts';
import { formatDecimal, none } from '#ui/format.ts';
import { Part } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function describeDatabase({ reachable, name, version, host, embedded, latency_ms }: Meta['database']): string {
  if (!reachable) return texts.unreachable;
  const place = embedded ? texts.embedded : (host ?? texts.socket);
  return texts.databaseOf(name ?? none, version ?? none, place, formatDecimal(latency_ms ?? 0, 1));
}

const parts = Object.keys(texts.configured) as (keyof typeof texts.configured)[];

function Facts({ meta }: { meta: Meta }) {
  const { facts, configured } = texts;
  const { origin } = useConfig();
  return (
    <>
      <Fact name={facts.version}>{meta.version}</Fact>
      <Fact name={facts.address}>
        <code>{`${origin}${meta.prefix}`}</code>
      </Fact>
      <Fact name={facts.environment}>{meta.environment}</Fact>
      <Fact name={facts.started}>
        <RelativeTime at={meta.started_at} />
      </Fact>
      <Fact name={facts.database}>{describeDatabase(meta.database)}</Fact>
      <Fact name={facts.live}>{texts.lives[meta.live ?? 'none']}</Fact>
      <Fact name={facts.threshold}>{formatDecimal(meta.operating_threshold, 2)}</Fact>
      <Fact name={facts.configured}>
        <ul className={styles.marks}>
          {parts.map((part) => (
            <li key={part}>
              <Status tone={meta.configured[part] ? 'good' : 'neutral'}>
                {meta.configured[part] ? configured[part] : texts.isNotSetUp(configured[part])}
              </Status>
            </li>
          ))}
        </ul>
      </Fact>
    </>
  );
}

/** What the API is and is connected to, and as whom one speaks to it. */
export function ConnectionFacts({
  meta,
  session,
}: {
  meta: PromiseSettledResult<Meta>;
  session: PromiseSettledResult<Session | null>;
}) {
  return (
    <dl className={styles.facts}>
      <Part result={meta} what={texts.meta}>
        {(known) => <Facts meta={known} />}
      </Part>
      <Part result={session} what={texts.session}>
        {(known) => (
          <Fact name={texts.facts.you}>
            {known === null ? (
              texts.everybody
            ) : (
              <>
                {texts.person(known.name, known.role)}{' '}
                <Button size="compact-xs" variant="default" onClick={signOutOrNotify}>
                  {sessionTexts.signOut}
                </Button>
              </>
            )}
          </Fact>
        )}
      </Part>
    </dl>
  );
}
