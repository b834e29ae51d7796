import type { Batch } from '@at/contracts/batches';
import { Link, useLocation } from 'react-router';
import type { TableColumn } from '#lists/data-table.tsx';
import { formatBytes, formatInteger, none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { BatchMark } from './batch-mark.tsx';
import { batchesTexts } from './texts.ts';

const { columns: names } = batchesTexts;

/** Opens beside the list, from which closing goes back. */
export const besideList = { state: { fromList: true }, preventScrollReset: true } as const;
export const addressOf = (id: number | string, search: string) => ({ pathname: `/files/batches/${id}`, search });

/** The query of the list without what opens the dialog of a new batch. */
export function withoutNew(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete('new');
  return `${parameters}`;
}

function BatchLink({ batch: { id, name } }: { batch: Batch }) {
  const { search } = useLocation();
  return (
    <Link to={addressOf(id, search)} {...besideList}>
      <bdi>{name}</bdi>
    </Link>
  );
}

export const batchColumns: readonly TableColumn<Batch>[] = [
  {
    id: 'name',
    name: names.name,
    fixed: true,
    heading: true,
    block: 'name',
    show: (batch) => <BatchLink batch={batch} />,
  },
  { id: 'status', name: names.status, block: 'end', show: (batch) => <BatchMark batch={batch} /> },
  {
    id: 'files',
    name: names.files,
    align: 'end',
    label: names.files,
    show: ({ file_count }) => formatInteger(file_count),
  },
  { id: 'size', name: names.size, align: 'end', label: names.size, show: ({ size_bytes }) => formatBytes(size_bytes) },
  { id: 'created', name: names.created, show: ({ created_at }) => <RelativeTime at={created_at} /> },
  { id: 'reason', name: names.reason, wrap: true, block: 'line', show: ({ reason }) => reason ?? none },
];
