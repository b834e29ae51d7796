import type { FileDashboard } from '@at/contracts/files';
import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { dashboard } from '#files/batch-queries.ts';
import { useKeys } from '#keys/bindings.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { Status, type Tone } from '#ui/status.tsx';
import { startScan } from './actions.ts';
import { attentionTexts } from './attention.texts.ts';
import { fileRoots, lostFiles, needOf } from './attention.ts';
import { ByItself } from './by-itself.tsx';
import { Folders } from './folders.tsx';
import { filesKeys } from './keys.ts';
import { LastRuns } from './last-runs.tsx';
import type { loader } from './loader.ts';
import { batchAddress, needsPerson, nextStep } from './next.ts';
import { PagePart } from './part.tsx';
import { scanStatus } from './queries.ts';
import { useScanRefusal } from './scan-action.tsx';
import { Steps } from './steps.tsx';
import { filesTexts as texts } from './texts.ts';

/** What needs a person, but for folders that were not set up yet: those are the next step. */
type Problem = { text: string; to?: string; tone?: Tone };
type Waiting = Awaited<ReturnType<NonNullable<(typeof fileRoots)['queryFn']>>>;
function problemsOf({ storage, files }: FileDashboard, waiting: Waiting | undefined): Problem[] {
  const { lost_files: lost = 0, waiting_batches = [], too_large = [] } = waiting ?? {};
  const { ERROR } = files.by_status;
  return [
    ...storage
      .filter((folder) => needsPerson(folder) && folder.root_id !== null)
      .map(({ place, state }) => ({ text: texts.problems.folder(texts.places[place], texts.states[state]) })),
    ...(lost > 0 ? [{ text: `${formatInteger(lost)} ${attentionTexts.lost(lost)}`, to: lostFiles }] : []),
    ...(ERROR > 0 ? [{ text: texts.problems.files(ERROR, formatInteger(ERROR)), to: '/files/all?status=ERROR' }] : []),
    ...waiting_batches.map(({ id, name, status, reason }) => {
      const need = needOf(status);
      const text = texts.problems.batches[need](name, reason ?? '');
      return { text, to: batchAddress(id), ...(need !== 'stopped' && { tone: 'warning' as const }) };
    }),
    ...too_large.map(({ path, size_bytes }) => ({
      text: texts.problems.tooLarge(path, formatBytes(size_bytes)),
      to: '/files/config',
      tone: 'warning' as const,
    })),
  ];
}

/** Where photos and videos are on their way, and what to do next. */
export function FilesPage() {
  const { at, first } = useLoaderData<typeof loader>();
  const found = useQuery(dashboard, queryClient).data ?? first;
  const { data: scan } = useQuery(scanStatus, queryClient);
  const refresh = useRefresh();
  const reason = useScanRefusal(found);
  useSource(found.url);
  useKeys(
    filesKeys,
    { scan: () => void startScan(), refresh: () => void refresh() },
    { scan: scan?.running ? texts.scan.running : (reason ?? null) },
  );
  const waiting = useQuery(fileRoots, queryClient).data;
  const uncleaned = waiting?.waiting_batches.filter(({ status }) => status === 'SORTED').length;
  const next = nextStep(found, scan, uncleaned);
  const problems = problemsOf(found, waiting);
  const folders = <Folders storage={found.storage} isNext={next === 'folders'} />;
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      {problems.length > 0 && (
        <PagePart id="problems" title={texts.problems.title}>
          <Stack component="ul" gap={4} m={0} p={0} style={{ listStyle: 'none' }}>
            {problems.map(({ text, to, tone = 'bad' }) => (
              <li key={text}>
                <Status tone={tone}>
                  {/* A reason can be long. */}
                  <span style={{ whiteSpace: 'normal', overflowWrap: 'anywhere', minWidth: 0 }}>
                    {to === undefined ? text : <Link to={to}>{text}</Link>}
                  </span>
                </Status>
              </li>
            ))}
          </Stack>
        </PagePart>
      )}
      {/* What is next comes first. */}
      {next === 'folders' && folders}
      <Steps found={found} next={next} />
      {next !== 'folders' && folders}
      <ByItself />
      <LastRuns />
    </>
  );
}
