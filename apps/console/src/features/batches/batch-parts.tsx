import type { BatchDetails, BatchFile, BatchTimeline as Timeline } from '@at/contracts/batches';
import { type BatchFileState, batchFileStates, type RunState } from '@at/contracts/vocabulary';
import { Button, Group, NativeSelect, Skeleton, Stack, Text } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { queryClient } from '#api/query-client.ts';
import { Thumbnail } from '#files/thumbnail.tsx';
import { describeRange } from '#lists/pager.tsx';
import { taskName, wordOf } from '#runs/describe-run.ts';
import { RunLink } from '#runs/run-link.tsx';
import { runsTexts } from '#runs/texts.ts';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { Json } from '#ui/json.tsx';
import { known } from '#ui/known-word.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status, type Tone } from '#ui/status.tsx';
import { batchFiles, batchManifest, batchTimeline, filesPerPage } from './queries.ts';
import { batchesTexts } from './texts.ts';

const texts = batchesTexts.drawer;

/** The parts of the details of a batch, each read when it is shown. */
type PartProps = { batch: BatchDetails };

function Loaded<T>({
  result: { data, error, refetch },
  what,
  children,
}: {
  result: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  what: string;
  children: (value: T) => ReactNode;
}) {
  if (data !== undefined) return children(data);
  return error ? (
    <LoadFailure what={what} error={error} retry={refetch} />
  ) : (
    <Skeleton height={120} radius="md" role="status" aria-label={texts.loading} />
  );
}

const tones: Partial<Record<BatchFileState, Tone>> = { ERROR: 'bad', LEFT: 'warning', SYNCED: 'good', SORTED: 'good' };

function FileLine({ file: { file_id, kind, sha256, path, source, size, state, error } }: { file: BatchFile }) {
  return (
    <li style={{ overflowWrap: 'anywhere' }}>
      <Group justify="space-between" wrap="nowrap" align="start" gap="sm">
        {file_id !== null && kind !== null && <Thumbnail file={{ id: file_id, kind, version: sha256 }} edge={44} />}
        <span style={{ flex: 1 }}>
          <bdi>{path}</bdi>
          <Text size="xs" c="dimmed">
            {[formatBytes(size), source !== path && texts.from(source)].filter(Boolean).join(', ')}
          </Text>
        </span>
        <span style={{ flexShrink: 0 }}>
          <Status tone={tones[state] ?? 'neutral'}>{texts.states[state]}</Status>
        </span>
      </Group>
      {error !== null && <Text size="sm">{error}</Text>}
    </li>
  );
}

export function BatchFiles({ batch }: PartProps) {
  const [state, setState] = useState<BatchFileState | null>(null);
  const [offset, setOffset] = useState(0);
  const result = useQuery(batchFiles(`${batch.id}`, { state, offset }), queryClient);
  const present = batchFileStates.filter((one) => batch.files_by_state[one] > 0);
  return (
    <Stack gap="sm">
      {present.length > 1 && (
        <NativeSelect
          label={texts.state}
          value={state ?? ''}
          onChange={({ currentTarget: { value } }) => {
            setState(value === '' ? null : (value as BatchFileState));
            setOffset(0);
          }}
          data={[
            { value: '', label: texts.anyState },
            ...present.map((one) => ({
              value: one,
              label: `${texts.states[one]} (${formatInteger(batch.files_by_state[one])})`,
            })),
          ]}
        />
      )}
      <Loaded result={result} what={texts.tabs.files}>
        {({ data, pagination }) => (
          <>
            <Stack
              component="ul"
              gap="xs"
              fz="sm"
              m={0}
              p={0}
              style={{ listStyle: 'none' }}
              aria-label={texts.tabs.files}
            >
              {data.map((file) => (
                <FileLine key={file.position} file={file} />
              ))}
            </Stack>
            {data.length === 0 && <Text c="dimmed">{texts.noFiles}</Text>}
            {(offset > 0 || pagination.has_more) && (
              <Group justify="space-between">
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={offset === 0}
                  onClick={() => setOffset(offset - filesPerPage)}
                >
                  {texts.previous}
                </Button>
                <span>{texts.range(describeRange(offset, data.length), formatInteger(pagination.total))}</span>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={!pagination.has_more}
                  onClick={() => setOffset(offset + filesPerPage)}
                >
                  {texts.next}
                </Button>
              </Group>
            )}
          </>
        )}
      </Loaded>
    </Stack>
  );
}

function Happened({ event }: { event: Timeline['events'][0] }) {
  const { at, type, status, message, percent, run_id, task } = event;
  const run = type === 'run' && status !== null && wordOf(status as RunState);
  const what =
    run_id !== null && task !== null ? (
      <RunLink id={run_id} isAbove>
        {taskName(task)}
      </RunLink>
    ) : (
      (known(type === 'sync' ? batchesTexts.timeline.syncs : batchesTexts.statuses, status ?? '') ?? status)
    );
  const more = [
    percent !== null && batchesTexts.timeline.percent(formatInteger(Math.round(percent))),
    message !== null && (type === 'run' ? batchesTexts.timeline.by(message) : message),
  ].filter((part) => part !== false);
  return (
    <li>
      <Group justify="space-between" align="start" gap="sm">
        <span>
          {what} {run && <Status tone={run === 'failed' ? 'bad' : 'neutral'}>{runsTexts.states[run]}</Status>}
        </span>
        <RelativeTime at={at} />
      </Group>
      {more.length > 0 && <Text size="sm">{more.join(', ')}</Text>}
    </li>
  );
}

export function BatchTimeline({ batch }: PartProps) {
  return (
    <Loaded result={useQuery(batchTimeline(`${batch.id}`), queryClient)} what={texts.tabs.timeline}>
      {(events) => (
        <Stack component="ol" gap="xs" m={0} p={0} style={{ listStyle: 'none' }} aria-label={texts.tabs.timeline}>
          {events.map((event) => (
            <Happened
              key={`${event.at} ${event.type} ${event.run_id} ${event.status} ${event.message}`}
              event={event}
            />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

export function BatchManifest({ batch }: PartProps) {
  return (
    <Loaded result={useQuery(batchManifest(`${batch.id}`), queryClient)} what={texts.manifest}>
      {({ files, ...manifest }) => {
        const shown = files.slice(0, filesPerPage);
        return (
          <>
            {shown.length < files.length && (
              <Text c="dimmed">{texts.firstFiles(formatInteger(shown.length), formatInteger(files.length))}</Text>
            )}
            <Json name={texts.manifest} value={{ ...manifest, files: shown }} />
          </>
        );
      }}
    </Loaded>
  );
}
