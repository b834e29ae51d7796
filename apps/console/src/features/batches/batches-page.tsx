import { createBatch } from '@at/contracts/batches';
import type { BatchStatus } from '@at/contracts/vocabulary';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { Outlet, useLoaderData, useLocation, useNavigate } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ListFilters, WordFilter } from '#lists/list-filters.tsx';
import { PageLine, Pager } from '#lists/pager.tsx';
import { useView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { addressOf, batchColumns, besideList, withoutNew } from './batch-columns.tsx';
import { batchesKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { batchList } from './queries.ts';
import { batchesTexts as texts } from './texts.ts';
import { batchesView, describeStatuses, pageSize } from './view.ts';

const NewBatch = lazyPart(() => import('./new-batch.tsx'), 'NewBatch', 'dialog');

/** Files that go to the device and into the archive together, newest first. */
export function BatchesPage() {
  const { at, view: loaded, first } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, batchesView);
  const { data: batches, pagination, url } = useQuery(batchList(loaded), queryClient).data ?? first;
  const refresh = useRefresh();
  const navigate = useNavigate();
  const { search } = useLocation();
  const refusal = useRefusal(createBatch.config.role) ?? undefined;
  const [opened, setOpened] = useState(false);
  /** A link can open the dialog too. */
  const isLinked = new URLSearchParams(search).has('new');
  const close = () => {
    setOpened(false);
    if (isLinked) void navigate({ search: withoutNew(search) }, { replace: true, preventScrollReset: true });
  };
  const columns = useColumns('batches', batchColumns);
  useSource(url);
  useKeys(batchesKeys, { make: () => setOpened(true), refresh: () => void refresh() }, { make: refusal ?? null });
  const page = { pagination: { ...pagination, limit: pageSize }, offset: loaded.offset, rows: batches.length };
  const described = batchesView.describe(loaded);
  const isNarrowed = batchesView.activeFilters(loaded).length > 0;
  return (
    <>
      <PageTitle page={texts.page}>
        <ReasonButton size="xs" variant="filled" reason={refusal} onClick={() => setOpened(true)}>
          {texts.create.open}
        </ReasonButton>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <ListFilters
        view={view}
        definition={batchesView}
        onChange={change}
        first={
          <WordFilter
            label={texts.status}
            any={texts.anyStatus}
            names={texts.statuses}
            words={view.status}
            describe={describeStatuses}
            onChange={(status) => change({ status: status as BatchStatus[] })}
          />
        }
      />
      {batches.length === 0 && loaded.offset === 0 ? (
        <EmptyState {...(isNarrowed ? texts.noMatch(described) : texts.none)}>
          <ClearButtons view={loaded} definition={batchesView} onChange={change} />
        </EmptyState>
      ) : (
        <>
          <PageLine page={page} filter={described}>
            <ColumnChooser columns={columns} />
          </PageLine>
          <DataTable
            label={texts.page}
            rows={batches}
            keyOf={({ id }) => `${id}`}
            nameOf={({ name }) => name}
            columns={columns.shown}
            onOpen={(id) => void navigate(addressOf(id, search), besideList)}
          />
          <Pager
            page={page}
            onPrevious={() => change({ offset: Math.max(0, loaded.offset - pageSize) })}
            onNext={() => change({ offset: loaded.offset + pageSize })}
          />
        </>
      )}
      <Outlet />
      <Suspense>{(opened || isLinked) && <NewBatch onClose={close} />}</Suspense>
    </>
  );
}
