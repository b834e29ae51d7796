import { exportQueue, type QueueSort } from '@at/contracts/queue';
import { Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { useLoaderData, useLocation, useNavigate, useSearchParams } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager, totalOf } from '#lists/pager.tsx';
import { type ChangeView, useView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { queueLabels, shownLabels } from '#state/queue-labels.ts';
import { useStore } from '#state/store.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { FilterBar } from './filter-bar.tsx';
import { queueKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { Overview } from './overview.tsx';
import { addressWith, overList, queueColumns } from './queue-columns.tsx';
import { keyOf, useQueueRows } from './queue-rows.ts';
import { focusItem, useRowKeys } from './row-keys.ts';
import { queueTexts as texts } from './texts.ts';
import { hasLeft, pageSize, type QueueView, queryOf, queueView, sortBy, toggleStatus } from './view.ts';

const ItemDrawer = lazyPart(() => import('./item-drawer.tsx'), 'ItemDrawer', 'dialog');

/** Whether it has been true. */
function useOnce(isTrue: boolean): boolean {
  const [was, setWas] = useState(isTrue);
  if (isTrue && !was) setWas(true);
  return was;
}

type QueueData = Awaited<ReturnType<typeof loader>>;

function Empty({ view, onChange }: { view: QueueView; onChange: ChangeView<QueueView> }) {
  const active = queueView.activeFilters(view);
  const onlyFailed = view.status.join() === 'error' && active.length === 1 && view.q.trim() === '';
  const isNarrowed = active.length > 0 || view.q.trim() !== '';
  return (
    <EmptyState
      {...(onlyFailed ? texts.noFailures : isNarrowed ? texts.noMatch(queueView.describe(view)) : texts.empty)}
    >
      <ClearButtons view={view} definition={queueView} onChange={onChange} />
    </EmptyState>
  );
}

/** A page of the list, with actions on one row or many. */
function QueueTable({
  data: { view, list },
  latest,
  onChange,
}: {
  data: QueueData;
  /** The view that loads, if another one does. */
  latest: QueueView;
  onChange: ChangeView<QueueView>;
}) {
  const { items, total } = list.data;
  const labels = shownLabels(useStore(queueLabels));
  const { code, performer } = labels;
  const columns = useColumns(
    'queue',
    useMemo(() => queueColumns({ code, performer }), [code, performer]),
  );
  const live = useQueueRows(items, view.offset > 0 ? () => onChange({ offset: 0 }) : undefined);
  const navigate = useNavigate();
  const { search } = useLocation();
  const open = (id: string) => void navigate(addressWith(search, id), overList);
  const [parameters] = useSearchParams();
  const { current, setCurrent } = useRowKeys({
    rows: live.rows,
    opened: parameters.get('item'),
    onOpen: open,
  });
  const left = live.rows.filter((item) => live.gone.has(keyOf(item)) || hasLeft(view, item)).length;
  const pagination = { total, limit: pageSize, has_more: view.offset + items.length < total };
  const page = { pagination, offset: view.offset, rows: live.rows.length, left };
  return (
    <>
      <PageLine page={page} filter={queueView.describe(view)}>
        <ExportMenu endpoint={exportQueue} query={queryOf(view)} total={totalOf(page)} />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <DataTable
        label={texts.page}
        rows={live.rows}
        keyOf={keyOf}
        columns={columns.shown}
        sorting={{
          by: latest.sort_by,
          order: latest.sort_order,
          searchOf: (sort: QueueSort) => queueView.write(sortBy(latest, sort)),
        }}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        pulsing={live.pulsing}
        gone={live.gone}
      />
      <Pager
        page={page}
        onPrevious={() => onChange({ offset: Math.max(0, view.offset - pageSize) })}
        onNext={() => onChange({ offset: view.offset + pageSize })}
      />
    </>
  );
}

/** What is stuck in the processing queue and why, and each item through one step. */
export function QueuePage() {
  const data = useLoaderData<typeof loader>();
  const { view, change } = useView(data.view, queueView);
  const refresh = useRefresh();
  useSource(data.list.url);
  const labels = shownLabels(useStore(queueLabels));
  const [parameters] = useSearchParams();
  const item = parameters.get('item');
  const wasOpened = useOnce(item !== null);
  const before = useRef(item);
  // However the details are closed, the focus returns to the row they were opened from.
  useEffect(() => {
    if (before.current !== null && item === null) focusItem(before.current);
    before.current = item;
  }, [item]);
  useKeys(queueKeys, {
    search: focusSearch,
    errors: () => change(toggleStatus(view, 'error')),
    refresh: () => void refresh(),
  });
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={data.at} refresh={refresh} />
      </PageTitle>
      <Overview view={data.view} />
      <FilterBar view={view} labels={labels} onChange={change} />
      {data.list.data.items.length === 0 && data.view.offset === 0 ? (
        <Empty view={data.view} onChange={change} />
      ) : (
        <QueueTable data={data} latest={view} onChange={change} />
      )}
      <Suspense>{wasOpened && <ItemDrawer id={item} />}</Suspense>
    </>
  );
}
