import { StringEnum } from '@at/contracts/paging';
import { batchOrders } from '@at/contracts/vocabulary';
import { defineTask } from '@at/runs/task';
import { type Static, Type } from 'typebox';
import { whileUsable } from '../../files/usable.ts';
import { makeBatch } from '../make.ts';

/** What a batch begins with, of the configuration. */
const Settings = Type.Object({
  max_size_gb: Type.Number({ minimum: 0 }),
  max_files: Type.Integer({ minimum: 0 }),
  naming_pattern: Type.String({ minLength: 1, maxLength: 100 }),
  order: StringEnum(batchOrders),
  allow_parallel: Type.Boolean(),
  transfer_mode: StringEnum(['move', 'copy']),
  /** Today, for names. */
  day: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
});
export type BatchSettings = Static<typeof Settings>;

const Parameters = Type.Object({ source: Type.Integer(), batch: Type.Integer(), settings: Settings });
export type BatchParameters = Static<typeof Parameters>;

/** Collects the next files of the inbox in a directory that gets its place among the batches at once. */
export const batch = defineTask<unknown, typeof Parameters>({
  name: 'files.batch',
  title: 'Make the next batch',
  queue: 'long',
  params: Parameters,
  timeout: 20 * 3_600,
  exclusive: 'join',
  run: (params, context) => whileUsable(context, () => makeBatch(params, context)),
});
