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
      'replaced: where another file has the old place, the name gets a number.',
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
    response: { 202: MovesUndoing, ...problems(400, 404, 409, 413, 415) },
  },
});
