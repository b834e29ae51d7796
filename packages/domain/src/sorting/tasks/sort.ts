import { StringEnum } from '@at/contracts/paging';
import { defineTask } from '@at/runs/task';
import { type Static, Type } from 'typebox';
import { endSorting, reopenSorting } from '../../batches/rules.ts';
import { whileUsable } from '../../files/usable.ts';
import { sortBatch } from '../sort.ts';

const Parameters = Type.Object({
  batch: Type.Integer(),
  /** Roots. Duplicates stay in the batch if there is none for them. */
  sorted: Type.Integer(),
  duplicates: Type.Optional(Type.Integer()),
  folder_pattern: Type.String({ minLength: 1, maxLength: 200 }),
  exif_fallback: Type.Boolean(),
  timezone: Type.String({ maxLength: 100 }),
  transfer_mode: StringEnum(['move', 'copy']),
});
export type SortSettings = Static<typeof Parameters>;

/** Files a batch by the day its photos and videos were taken. */
export const sort = defineTask<unknown, typeof Parameters>({
  name: 'files.sort',
  title: 'Sort a batch into the archive',
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  exclusive: 'join',
  run: (params, context) => whileUsable(context, () => sortBatch(params, context)),
  ended: (trx, { batch }) => endSorting(trx, batch),
  reopened: (trx, { batch }) => reopenSorting(trx, batch),
});
