import type { FileSort, PipelineFile } from '@at/contracts/files';
import { Thumbnail } from '#files/thumbnail.tsx';
import type { TableColumn } from '#lists/data-table.tsx';
import { formatBytes, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status, type Tone } from '#ui/status.tsx';
import { allFilesTexts as texts } from './texts.ts';

const tones: { [status in PipelineFile['status']]?: Tone } = {
  UNIQUE: 'good',
  SYNCED: 'good',
  SORTED: 'good',
  ARCHIVED: 'good',
  ERROR: 'bad',
  MISSING: 'warning',
};

const { columns: names } = texts;

/** Local time, as it was where the file was taken. */
export const takenAt = (captured: string) => captured.replace('T', ' ');

export const fileColumns: readonly TableColumn<PipelineFile, string, FileSort>[] = [
  {
    id: 'picture',
    name: names.picture,
    block: 'first',
    show: ({ id, kind, modified_at }) => <Thumbnail file={{ id, kind, version: modified_at }} edge={36} />,
  },
  {
    id: 'name',
    name: names.name,
    fixed: true,
    heading: true,
    block: 'name',
    wrap: true,
    show: ({ name }) => <bdi>{name ?? texts.noPlace}</bdi>,
  },
  {
    id: 'status',
    name: names.status,
    block: 'end',
    show: ({ status, batch_refusal }) =>
      status === 'UNIQUE' && batch_refusal !== null ? (
        <Status tone="warning">{texts.refused}</Status>
      ) : (
        <Status tone={tones[status] ?? 'neutral'}>{texts.statuses[status]}</Status>
      ),
  },
  { id: 'folder', name: names.folder, label: names.folder, wrap: true, show: ({ root }) => root ?? none },
  { id: 'kind', name: names.kind, show: ({ kind }) => texts.kinds[kind] },
  { id: 'size', name: names.size, sort: 'size', align: 'end', show: ({ size }) => formatBytes(size) },
  {
    id: 'captured',
    name: names.captured,
    label: names.captured,
    show: ({ captured_at }) => (captured_at === null ? none : takenAt(captured_at)),
  },
  {
    id: 'modified',
    name: names.modified,
    label: names.modified,
    show: ({ modified_at }) => <RelativeTime at={modified_at} />,
  },
  {
    id: 'found',
    name: names.found,
    label: names.found,
    sort: 'id',
    show: ({ found_at }) => <RelativeTime at={found_at} />,
  },
];
