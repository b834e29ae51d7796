import type { Session } from '@at/contracts/session';
import type { Meta } from '@at/contracts/system';
import { Button } from '@mantine/core';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { signOutOrNotify } from '#api/sign-out.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatDecimal, none } from '#ui/format.ts';
import { Part } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

function describeDatabase({ reachable, name, version, host, embedded, latency_ms }: Meta['database']): string {
  if (!reachable) return texts.unreachable;
  const place = embedded ? texts.embedded : (host ?? texts.socket);
  return texts.databaseOf(name ?? none, version ?? none, place, formatDecimal(latency_ms ?? 0, 1));
}

const parts = Object.keys(texts.configured) as (keyof typeof texts.configured)[];

function InfoFacts({ info }: { info: Meta }) {
  const { facts, configured } = texts;
  const { origin } = useConfig();
  return (
    <>
      <Fact name={facts.version}>{info.version}</Fact>
      <Fact name={facts.address}>
        <code>{`${origin}${info.prefix}`}</code>
      </Fact>
      <Fact name={facts.environment}>{info.environment}</Fact>
      <Fact name={facts.started}>
        <RelativeTime at={info.started_at} />
      </Fact>
      <Fact name={facts.database}>{describeDatabase(info.database)}</Fact>
      <Fact name={facts.live}>{texts.lives[info.live ?? 'none']}</Fact>
      <Fact name={facts.threshold}>{formatDecimal(info.operating_threshold, 2)}</Fact>
      <Fact name={facts.configured}>
        <ul className={styles.marks}>
          {parts.map((part) => (
            <li key={part}>
              <Status tone={info.configured[part] ? 'good' : 'neutral'}>
                {info.configured[part] ? configured[part] : texts.notSetUp(configured[part])}
              </Status>
            </li>
          ))}
        </ul>
      </Fact>
    </>
  );
}

/** The API, what it is connected to, and the signed-in user. */
export function ConnectionFacts({
  info,
  session,
}: {
  info: PromiseSettledResult<Meta>;
  session: PromiseSettledResult<Session | null>;
}) {
  return (
    <Facts className={styles.facts}>
      <Part result={info} what={texts.info}>
        {(known) => <InfoFacts info={known} />}
      </Part>
      <Part result={session} what={texts.session}>
        {(known) => (
          <Fact name={texts.facts.you}>
            {known === null ? (
              texts.noSignIn
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
    </Facts>
  );
}
