import { startDedup } from '@at/contracts/files';
import { Progress } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { AskButton } from '#live/confirm.tsx';
import { RunLink } from '#runs/run-link.tsx';
import { Aside, Failed } from '#ui/aside.tsx';
import { formatBytes, formatDuration, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { startScan } from './actions.ts';
import { scanStatus } from './queries.ts';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

const texts = filesTexts.scan;

/** Why no scan can start; undefined: it can. */
export function useScanRefusal({ storage }: StepProps['found']): string | undefined {
  const refusal = useRefusal(startDedup.config.role);
  const isReady = storage.some(({ place, state }) => place === 'source' && state === 'ready');
  return refusal ?? (isReady ? undefined : texts.noInbox);
}

/** The scan: starts it, shows how far it is, and what the last one found. */
export function ScanAction({ found, isNext }: StepProps) {
  const { data: scan, error, refetch } = useQuery(scanStatus, queryClient);
  const reason = useScanRefusal(found);
  if (!scan) return error && <LoadFailure what={filesTexts.what.scan} error={error} retry={refetch} />;
  const run = scan.run_id !== null && <RunLink id={scan.run_id} />;
  if (scan.running) {
    const { total_bytes, processed_bytes, bytes_per_second, remaining_seconds } = scan;
    const counted = texts.of(formatInteger(scan.processed_files), formatInteger(scan.total_files));
    const facts = [
      scan.total_files > 0 && counted,
      bytes_per_second !== null && texts.rate(formatBytes(bytes_per_second)),
      remaining_seconds !== null && texts.left(formatDuration(1_000 * remaining_seconds)),
    ].filter((fact) => fact !== false);
    return (
      <>
        <span>{scan.message ?? texts.waiting}</span>
        {total_bytes !== null && total_bytes > 0 && (
          <Progress w="100%" value={(100 * processed_bytes) / total_bytes} aria-label={texts.progress} />
        )}
        <Aside>{facts.join(' · ')}</Aside>
        {scan.error !== null && <Aside>{scan.error}</Aside>}
        {run}
      </>
    );
  }
  const hasFailed = scan.error !== null;
  return (
    <>
      {hasFailed ? (
        <Failed title={texts.failed}>{scan.error}</Failed>
      ) : (
        <Aside>
          {scan.finished_at === null ? (
            texts.never
          ) : (
            <>
              {texts.last} <RelativeTime at={scan.finished_at} />{' '}
              {texts.found(formatInteger(scan.total_files), scan.duplicate_files, formatInteger(scan.duplicate_files))}
            </>
          )}
        </Aside>
      )}
      {hasFailed && run}
      <Aside>{texts.moves[`${scan.moves_duplicates}`]}</Aside>
      <ReasonButton
        size="compact-sm"
        {...(isNext && { variant: 'filled' })}
        reason={reason}
        onClick={() => void startScan()}
      >
        {hasFailed ? texts.again : texts.start}
      </ReasonButton>
      {scan.error_code === 'file_gone' && (
        <AskButton
          size="compact-sm"
          reason={reason}
          question={{ title: texts.acceptTitle, text: texts.acceptText, verb: texts.accept }}
          onConfirm={() => void startScan(true)}
        >
          {texts.accept}
        </AskButton>
      )}
    </>
  );
}
