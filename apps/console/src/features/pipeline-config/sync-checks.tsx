import { getSyncDiagnostics, type SyncCheck } from '@at/contracts/sync';
import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { formatDecimal, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { Status } from '#ui/status.tsx';
import styles from './pipeline-config.module.css';
import { syncTexts as texts } from './sync-texts.ts';

const tones = { passed: 'good', failed: 'bad', unknown: 'neutral' } as const;

export function SyncChecks({ checks }: { checks: readonly SyncCheck[] }) {
  return (
    <ul className={styles.changes}>
      {checks.map(({ check, state, message }) => (
        <li key={check}>
          <Status tone={tones[state]}>
            <Text
              span
              size="sm"
              style={{ whiteSpace: 'normal' }}
              {...(state === 'failed' ? { fw: 600 } : { c: 'dimmed' })}
            >
              {message}
            </Text>
          </Status>
        </li>
      ))}
    </ul>
  );
}

export const diagnosticsKey = 'sync-diagnostics';

/** What keeps a sync from working, line by line. */
export function SyncDiagnosis({ etag, isChosen }: { etag: string; isChosen: boolean }) {
  const { data, error, isFetching, refetch } = useQuery(
    {
      queryKey: [diagnosticsKey, etag],
      queryFn: async ({ signal }) => (await call(getSyncDiagnostics, { signal })).data,
      enabled: isChosen,
    },
    queryClient,
  );
  const verdict = !isChosen ? texts.unset : data ? (data.is_ready ? texts.ready : texts.notReady) : texts.checking;
  return (
    <section className={styles.section} aria-labelledby="sync-checks">
      <Title order={2} id="sync-checks">
        {texts.checks}
      </Title>
      {error ? (
        <LoadFailure what={texts.failed} error={error} retry={refetch} />
      ) : (
        <>
          <Text size="sm" c="dimmed" role="status">
            {verdict}
          </Text>
          {data && <SyncChecks checks={data.checks} />}
          {data?.completion && (
            <Text size="sm" mt="xs">
              {texts.completion(formatDecimal(data.completion.percent, 1), formatInteger(data.completion.needed_items))}
            </Text>
          )}
          {isChosen && (
            <ReasonButton
              mt="md"
              size="xs"
              reason={isFetching ? texts.checking : undefined}
              onClick={() => void refetch()}
            >
              {texts.again}
            </ReasonButton>
          )}
        </>
      )}
    </section>
  );
}
