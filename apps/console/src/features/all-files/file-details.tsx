import { type FileHistory, getFileHistory, type PipelineFile } from '@at/contracts/files';
import { Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { filesTexts } from '#files/texts.ts';
import { isPictured, Preview } from '#files/thumbnail.tsx';
import { keyOf } from '#live/invalidations.ts';
import { RunLink } from '#runs/run-link.tsx';
import { Copyable } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { isolate } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { takenAt } from './file-columns.tsx';
import { allFilesTexts } from './texts.ts';

const texts = allFilesTexts.details;

const place = (root: string | null, path: string | null) => isolate(`${root}: ${path}`);

function Move({ move }: { move: FileHistory['moves'][0] }) {
  const verb = move.is_undo ? texts.undo : texts.actions[move.action];
  return (
    <div>
      {`${verb}, ${texts.states[move.state]} `}
      <RelativeTime at={move.ended_at ?? move.planned_at} />
      {`: ${place(move.from_root, move.from_path)} → ${place(move.to_root, move.to_path)}`}
      {move.reason !== null && ` (${move.reason})`}{' '}
      {move.run_id !== null && <RunLink id={move.run_id}>{texts.run}</RunLink>}
    </div>
  );
}

/** What is known of a file, and what was done with it. */
export function FileDetails({ file }: { file: PipelineFile }) {
  const { data, error, refetch } = useQuery(
    {
      queryKey: keyOf('files', 'history', file.id),
      queryFn: async ({ signal }) => (await call(getFileHistory, { params: { id: file.id }, signal })).data,
    },
    queryClient,
  );
  if (!data) {
    return error ? <LoadFailure what={texts.what} error={error} retry={refetch} /> : <p>{texts.loading}</p>;
  }
  const { sha256, kept, companions, moves, batches } = data;
  const { root, path, captured_at, captured_from, batch_refusal } = data.file;
  const facts: [name: string, value: ReactNode][] = [
    [
      texts.path,
      path === null ? (
        allFilesTexts.noPlace
      ) : (
        <Copyable key="path" value={path} what={texts.path}>
          {place(root, path)}
        </Copyable>
      ),
    ],
    [texts.error, data.file.error],
    [texts.refusal, batch_refusal && filesTexts.refusals[batch_refusal]],
    [texts.sha256, sha256 === null ? texts.unread : <Copyable key="hash" value={sha256} what={texts.sha256} />],
    [texts.captured, captured_at && `${takenAt(captured_at)}, ${texts.from(captured_from ?? '')}`],
    [texts.kept, kept && place(kept.root, kept.path)],
    [texts.companions, companions.map(({ name }) => isolate(name)).join(', ')],
    [
      texts.batches,
      batches.length > 0 &&
        batches.map(({ batch_id, name, path, confirmed_at, error }) => (
          <div key={batch_id}>
            {`${name}: ${isolate(path)}`}
            {confirmed_at !== null && (
              <>
                {`, ${texts.confirmed} `}
                <RelativeTime at={confirmed_at} />
              </>
            )}
            {error !== null && `: ${error}`}
          </div>
        )),
    ],
    [texts.moves, moves.length === 0 ? texts.unmoved : moves.map((move) => <Move key={move.id} move={move} />)],
  ];
  const { id, kind, name, modified_at } = data.file;
  return (
    <Group align="start" gap="md">
      {isPictured(kind) && <Preview file={{ id, kind, version: modified_at }} name={name ?? `${id}`} edge={160} />}
      <div style={{ flex: '1 1 20rem', minWidth: 0 }}>
        <Facts>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ))}
        </Facts>
      </div>
    </Group>
  );
}
