import { type Static, type TProperties, Type } from 'typebox';
import { EmptyBody, endpoint, RunId } from './endpoint.ts';
import { CommaList, Nullable, Pagination, pageParameters, SortOrder, StringEnum, Text } from './paging.ts';
import { problems } from './problem.ts';
import { Timestamp } from './training.ts';

export const tag = {
  name: 'file pipeline: duplicates',
  description: 'Files with the same content: which one is kept, and what the others take',
};
const tags = [tag.name];

const FileId = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER, examples: [42] });

/** What a kept file can be; the last four are on their way, and stay what is kept. */
export const keeperStatuses = ['NEW', 'UNIQUE', 'BATCHED', 'SYNCED', 'SORTED', 'ARCHIVED'] as const;
/** In what a duplicate can differ from the file that is kept, beside its folder. */
export const fileDifferences = ['name', 'folder', 'modified', 'captured', 'companions'] as const;
export type FileDifference = (typeof fileDifferences)[number];
export const duplicateKinds = ['photo', 'raw', 'video', 'sidecar', 'other'] as const;

const file = {
  id: FileId,
  root: Type.String({ description: 'The folder of the configuration that it is in' }),
  path: Type.String({ description: 'Below that folder; bytes that are not UTF-8 are escaped' }),
  status: Type.String({ description: 'DUPLICATE, or what became of the file that is kept' }),
  modified_at: Timestamp,
  captured_at: Nullable(Type.String(), { description: 'When it was taken, local time; null: not known yet' }),
  links: Type.Integer({ description: 'Names that its inode has' }),
  companions: Type.Integer({ description: 'Files that stay together with it, such as the video of a live photo' }),
};
export const KeptFile = Type.Object(file, { $id: 'KeptFile' });
export type KeptFile = Static<typeof KeptFile>;

export const DuplicateFile = Type.Object(
  {
    ...file,
    is_linked: Type.Boolean({ description: 'It is another name of the inode that is kept: it takes no space' }),
    differs: Type.Array(StringEnum(fileDifferences), { description: 'What tells it apart from the file that is kept' }),
    moved_from: Nullable(Type.String(), {
      description:
        'Where it was before it was moved to the duplicates, below `moved_from_root`; null: it is in its place',
    }),
    moved_from_root: Nullable(Type.String()),
  },
  { $id: 'DuplicateFile' },
);
export type DuplicateFile = Static<typeof DuplicateFile>;

export const DuplicateSet = Type.Object(
  {
    id: Type.Integer({ description: 'The id of the file that is kept' }),
    kind: StringEnum(duplicateKinds),
    size: Type.Integer({ description: 'Bytes of each file' }),
    files: Type.Integer({ description: 'Duplicates, without the file that is kept' }),
    saving: Type.Integer({
      description: 'Bytes that the duplicates take. Names of one inode count once, and those of the kept one never',
    }),
    found_at: Timestamp,
    keeper: KeptFile,
    duplicates: Type.Array(DuplicateFile, { description: 'The first ones, at most `files_per_set`' }),
  },
  { $id: 'DuplicateSet' },
);
export type DuplicateSet = Static<typeof DuplicateSet>;

export const duplicateSorts = ['saving', 'size', 'files', 'found_at'] as const;
export type DuplicateSort = (typeof duplicateSorts)[number];
export const duplicateDefaultSort = { sort_by: 'saving', sort_order: 'desc' } as const;

/** Duplicates of a set that a list has, unless a request wants more. */
export const usualFilesPerSet = 10;
export const mostFilesPerSet = 1_000;

const Bytes = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description }));

export const duplicateFilters = {
  id: CommaList(FileId, { description: 'Only sets with these files, kept ones or duplicates' }),
  kind: CommaList(StringEnum(duplicateKinds), { description: 'Any of these kinds' }),
  status: CommaList(StringEnum(keeperStatuses), { description: 'What became of the file that is kept' }),
  moved: Type.Optional(
    Type.Boolean({
      description: 'true: sets with files in the folder of duplicates; false: with files in their places',
    }),
  ),
  size_min: Bytes('Bytes of each file, at least'),
  saving_min: Bytes('Bytes that the duplicates take, at least'),
  files_min: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647, description: 'Duplicates, at least' })),
  search: Type.Optional(
    Text({
      description:
        'Part of the name or the folder of one of the files, in any case and with any punctuation and accents',
    }),
  ),
} satisfies TProperties;
export type DuplicateFilters = Static<ReturnType<typeof Type.Object<typeof duplicateFilters>>>;

export const DuplicatesQuery = Type.Object({
  ...duplicateFilters,
  sort_by: Type.Optional(
    StringEnum(duplicateSorts, {
      default: duplicateDefaultSort.sort_by,
      description: 'Sets with the same value by id, in the same direction',
    }),
  ),
  sort_order: SortOrder(duplicateDefaultSort.sort_order),
  files_per_set: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: mostFilesPerSet,
      default: usualFilesPerSet,
      description: 'Duplicates of a set in the reply. More than the usual number: with one `id` only',
    }),
  ),
  ...pageParameters,
});
export type DuplicatesQuery = Static<typeof DuplicatesQuery>;

export const DuplicateTotals = Type.Object({
  sets: Type.Integer(),
  files: Type.Integer({ description: 'Duplicates' }),
  bytes: Type.Integer({ description: 'What they take' }),
});
export type DuplicateTotals = Static<typeof DuplicateTotals>;

export const DuplicateList = Type.Object({
  data: Type.Array(DuplicateSet),
  totals: DuplicateTotals,
  pagination: Pagination,
});
export type DuplicateList = Static<typeof DuplicateList>;

export const listDuplicates = endpoint({
  method: 'GET',
  url: '/api/duplicates',
  config: { role: 'viewer', replyHeaders: ['Age'] },
  schema: {
    operationId: 'listDuplicates',
    summary: 'Sets of files with the same content, largest saving first',
    description: 'Each set is the file that is kept and its duplicates. `totals` are those of all sets that match.',
    tags,
    querystring: DuplicatesQuery,
    response: { 200: DuplicateList, ...problems() },
  },
});

export const DuplicateActed = Type.Object(
  {
    success: Type.Literal(true),
    message: Type.String(),
    file_id: FileId,
    files: Type.Array(FileId, {
      description: 'The files that have changed their state: it, its companions and their sets',
    }),
    run_id: Nullable(RunId, { description: 'Of the run that moves files back first; null: nothing had to move' }),
  },
  { $id: 'DuplicateActed' },
);
export type DuplicateActed = Static<typeof DuplicateActed>;

/** Requests wait so many seconds for the run that they start. */
const waits =
  'Files that were moved to the duplicates are moved back first by a run, for which the request waits up to 10 s: 202 if it goes on.';

const action = <const P extends string, const I extends string>(
  path: P,
  operationId: I,
  summary: string,
  description: string,
) =>
  endpoint({
    method: 'POST',
    url: `/api/duplicates/:id/${path}`,
    config: { role: 'operator' },
    schema: {
      operationId,
      summary,
      description: `${description} ${waits}`,
      tags,
      params: Type.Object({ id: FileId }),
      body: EmptyBody,
      response: {
        200: DuplicateActed,
        202: { ...DuplicateActed, $id: 'DuplicateActing' },
        ...problems(400, 404, 409),
      },
    },
  });

export const keepDuplicate = action(
  'keep',
  'keepDuplicate',
  'Keep this duplicate instead of the file that is kept now',
  'The other files of its set become its duplicates, and its companions are swapped with it. 409 with the reason if the kept file is ' +
    'in a batch, synced or sorted, or if companions would be parted.',
);
export const restoreDuplicate = action(
  'restore',
  'restoreDuplicate',
  'Treat this duplicate as a file of its own',
  'It and its companions become UNIQUE and go on like any other file; later scans leave that as it is.',
);
