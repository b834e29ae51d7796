import { getSortStatus, type SortStatus, startSort } from '@at/contracts/sorting';
import { Progress } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { nextWriteId } from '#api/write-id.ts';
import { AskButton } from '#live/confirm.tsx';
import { keyOf } from '#live/invalidations.ts';
import { write } from '#live/write.ts';
import { RunLink } from '#runs/run-link.tsx';
import { Aside } from '#ui/aside.tsx';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify } from '#ui/notify.tsx';
import { Status } from '#ui/status.tsx';
import { sortTexts as texts } from './sort-texts.ts';

/** Milliseconds between two looks at a sort in progress: files have no events. */
const pause = 1_000;

const sortOf = (batch: number) =>
  queryOptions({
    queryKey: keyOf('files', 'sort', batch),
    queryFn: async ({ signal }) => (await call(getSortStatus, { params: { id: String(batch) }, signal })).data,
    refetchInterval: ({ state: { data } }) => (data?.status === 'SORTING' ? pause : false),
  });

async function start(batch: number): Promise<void> {
  await write('files', texts.notStarted, async () => {
    const params = { id: String(batch) };
    const { data } = await call(startSort, { params, body: {}, idempotencyKey: nextWriteId() });
    if (!data.started) notify(texts.running);
  });
}

const whatHappens = ({ transfer_mode, leaves_device }: SortStatus) =>
  transfer_mode === 'copy' ? texts.copy : leaves_device ? texts.leaves : texts.move;

/** The sorting of a batch: says what it does, starts it, and shows how far it is. `isNext`: its button stands out. */
export function BatchSort({ batch, isNext }: { batch: number; isNext: boolean }) {
  const { data: sort, error, refetch } = useQuery(sortOf(batch), queryClient);
  const refusal = useRefusal(startSort.config.role);
  if (!sort) return error && <LoadFailure what={texts.what} error={error} retry={refetch} />;
  const { status, total_files, sorted_files, run_id } = sort;
  const counted = texts.sorted(formatInteger(sorted_files), formatInteger(total_files));
  // Another step failed if no run has sorted it.
  const hasFailed = status === 'ERROR' && run_id !== null;
  return (
    <>
      {status === 'SORTING' && (
        <Progress w="100%" value={(100 * sorted_files) / Math.max(total_files, 1)} aria-label={texts.progress} />
      )}
      {hasFailed && <Status tone="bad">{texts.stopped}</Status>}
      {(status === 'SORTING' || hasFailed) && <Aside>{counted}</Aside>}
      {hasFailed && sort.reason !== null && <Aside>{sort.reason}</Aside>}
      {run_id !== null && <RunLink id={run_id} />}
      {status !== 'SORTING' && (
        <AskButton
          size="compact-sm"
          {...((isNext || hasFailed) && { variant: 'filled' })}
          reason={refusal ?? sort.refusal ?? undefined}
          question={{ title: texts.title, about: sort.batch, text: whatHappens(sort), verb: texts.start }}
          onConfirm={() => void start(batch)}
        >
          {hasFailed ? texts.again : texts.start}
        </AskButton>
      )}
    </>
  );
}
