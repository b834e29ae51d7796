import { type Static, Type } from 'typebox';
import { endpoint, RunAccepted, RunId } from './endpoint.ts';
import { problems } from './problem.ts';

export const tag = { name: 'moves', description: 'What became of files: their moves, and how they are undone' };

export const MovesUndoing = Type.Object(
  {
    ...RunAccepted.properties,
    files: Type.Integer({ description: 'Files whose moves are undone; the result of the run says which of them stay' }),
  },
  { $id: 'MovesUndoing' },
);
export type MovesUndoing = Static<typeof MovesUndoing>;

export const undoFileMoves = endpoint({
  method: 'POST',
  url: '/api/journal/:run/undo',
  config: { role: 'operator' },
  schema: {
    operationId: 'undoFileMoves',
    summary: 'Move the files of a run back',
    description:
      'Starts a run that brings each file back to where the given run took it from, the latest first; a copy goes to the quarantine, if its ' +
      'original is still there. A file that was changed, moved or removed since stays: the result of the run names it. Nothing is ' +
      'replaced: where another file has the old place, the name gets a number. Of a run of the file pipeline, the runs of its steps are ' +
      'undone in this way, the last one first; 409 says before anything is undone why that is not possible.',
    tags: [tag.name],
    params: Type.Object({ run: RunId }),
    body: Type.Object(
      {
        move: Type.Optional(
          Type.Integer({
            minimum: 1,
            description: 'Only this move, with the companions of its file; by default all of the run',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 202: MovesUndoing, ...problems(400, 404, 409) },
  },
});

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const cleaned = {
  success: Type.Literal(true),
  message: Type.String(),
  run_id: RunId,
  dry_run: Type.Boolean({ description: 'Nothing was removed: the counts are what a run would remove' }),
  removed_batch_dirs: Count('Directories of sorted batches: their manifest, and empty directories'),
  deleted_temp_files: Count('Unfinished copies of moves that have ended, after cleanup.temp_days'),
  purged_files: Count('Files that were removed, and were in the quarantine for cleanup.retention.quarantine_days'),
  forgotten_batches: Count('Batches cleaned more than cleanup.retention.cleaned_days ago whose timeline is deleted'),
  forgotten_files: Count('Rows of files that have been MISSING for cleanup.retention.missing_days'),
  rotated_logs: Count('Always 0: the logs of runs are rotated by the workers each hour'),
  left_alone: Type.Array(Type.Object({ path: Type.String(), reason: Type.String() }), {
    description: 'What nothing knows, or what may be the last of a file; the first 200',
  }),
};
export const FilesCleaned = Type.Object(cleaned, { $id: 'FilesCleaned' });
export type FilesCleaned = Static<typeof FilesCleaned>;

export const cleanUpFiles = endpoint({
  method: 'POST',
  url: '/api/cleanup/run',
  config: { role: 'admin' },
  schema: {
    operationId: 'cleanUpFiles',
    summary: 'Remove what the file pipeline does not need any more',
    description:
      'Waits up to 10 s for its run: 200 when it has completed, 409 when it has failed, else 202 with zeros; the result of the run has ' +
      'the counts then. Runs by itself each night. Files of people are never removed, but for those that have been in the quarantine ' +
      'for long enough; rows of missing files and timelines of cleaned batches go as cleanup.retention says.',
    tags: [tag.name],
    body: Type.Object(
      {
        dry_run: Type.Optional(
          Type.Boolean({ default: false, description: 'Only count, and name what is left alone' }),
        ),
      },
      { additionalProperties: false },
    ),
    response: { 200: FilesCleaned, 202: { ...FilesCleaned, $id: 'FilesCleaning' }, ...problems(400, 409) },
  },
});
