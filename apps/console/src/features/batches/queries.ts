import { getBatch, getBatchManifest, getBatchTimeline, listBatches, listBatchFiles } from '@at/contracts/batches';
import type { BatchFileState } from '@at/contracts/vocabulary';
import { queryOptions } from '@tanstack/react-query';
import { call } from '#api/call.ts';
import { keyOf } from '#live/invalidations.ts';
import { type BatchesView, batchesView, pageSize } from './view.ts';

export const batchList = (view: BatchesView) =>
  queryOptions({
    queryKey: keyOf('files', 'batches', `${batchesView.write(view)}`),
    queryFn: async ({ signal }) => {
      const query = { ...batchesView.filter(view), limit: pageSize, offset: view.offset };
      const { data, url } = await call(listBatches, { query, signal });
      return { ...data, url };
    },
  });

export const batchQuery = (id: string) =>
  queryOptions({
    queryKey: keyOf('files', 'batch', id),
    queryFn: async ({ signal }) => (await call(getBatch, { params: { id }, signal })).data,
  });

/** Files of a batch on one page of its drawer. */
export const filesPerPage = 100;

export const batchFiles = (id: string, { state, offset }: { state: BatchFileState | null; offset: number }) =>
  queryOptions({
    queryKey: keyOf('files', 'batch', id, 'files', state, offset),
    queryFn: async ({ signal }) => {
      const query = { limit: filesPerPage, offset, ...(state !== null && { state: [state] }) };
      return (await call(listBatchFiles, { params: { id }, query, signal })).data;
    },
  });

export const batchTimeline = (id: string) =>
  queryOptions({
    queryKey: keyOf('files', 'batch', id, 'timeline'),
    queryFn: async ({ signal }) => (await call(getBatchTimeline, { params: { id }, signal })).data.events,
  });

export const batchManifest = (id: string) =>
  queryOptions({
    queryKey: keyOf('files', 'batch', id, 'manifest'),
    queryFn: async ({ signal }) => (await call(getBatchManifest, { params: { id }, signal })).data,
  });
