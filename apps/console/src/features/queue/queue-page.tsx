import { exportQueue, type QueueItem, type QueueSort } from '@at/contracts/queue';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useCallback, useMemo, useState } from 'react';
import { useLoaderData, useLocation, useNavigate, useSearchParams } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { useReturnFocus } from '#lists/current-row.ts';
import { DataTable } from '#lists/data-table.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { PageLine, Pager, totalOf } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import { type ChangeView, useView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { queueLabels, shownLabels } from '#state/queue-labels.ts';
import { useStore } from '#state/store.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { Answers } from './answers.tsx';
import { FilterBar } from './filter-bar.tsx';
import { pendingAction } from './item-changes.ts';
import { ItemMenu } from './item-menu.tsx';
import { nameOf } from './items.ts';
import { queueKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { Overview } from './overview.tsx';
import { queueMeta } from './queries.ts';
import { addressWith, overList, queueColumns } from './queue-columns.tsx';
import { keyOf, useQueueRows } from './queue-rows.ts';
import { focusItem, useRowKeys } from './row-keys.ts';
import { QueueSelection } from './selection.tsx';
import { queueTexts as texts } from './texts.ts';
import { filterOf, hasLeft, pageSize, type QueueView, queryOf, queueView, sortBy, toggleStatus } from './view.ts';
import { WatchFolder } from './watch-folder.tsx';

const MatchesElsewhere = lazyPart(() => import('#lists/matches-elsewhere.tsx'), 'MatchesElsewhere');
const ItemDrawer = lazyPart(() => import('./item-drawer.tsx'), 'ItemDrawer', 'dialog');
const Maintenance = lazyPart(() => import('./maintenance.tsx'), 'Maintenance', 'dialog');
const ConfirmItem = lazyPart(() => import('./confirm-item.tsx'), 'ConfirmItem', 'dialog');

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
      {!isNarrowed && <WatchFolder />}
      <Suspense>
        <MatchesElsewhere q={view.q} on="media" />
      </Suspense>
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
  const meta = useQuery(queueMeta, queryClient).data;
  const rows = useMemo(() => live.rows.map((item) => ({ item, meta })), [live.rows, meta]);
  const keys = useMemo(() => items.map(keyOf), [items]);
  const selection = useSelection(keys, JSON.stringify(filterOf(view)));
  const navigate = useNavigate();
  const { search } = useLocation();
  const open = useCallback((id: string) => void navigate(addressWith(search, id), overList), [navigate, search]);
  const showMenu = useCallback(
    ({ item }: { item: QueueItem }) => <ItemMenu item={item} onOpen={() => open(keyOf(item))} />,
    [open],
  );
  const [parameters] = useSearchParams();
  const { current, setCurrent } = useRowKeys({
    rows: live.rows,
    opened: parameters.get('item'),
    onOpen: open,
    onSelect: (id) => selection.toggle(id),
  });
  const left = live.rows.filter((item) => live.gone.has(keyOf(item)) || hasLeft(view, item)).length;
  const pagination = { total, limit: pageSize, has_more: view.offset + items.length < total };
  const page = { pagination, offset: view.offset, rows: rows.length, left };
  return (
    <>
      <PageLine page={page} filter={queueView.describe(view)}>
        <ExportMenu endpoint={exportQueue} query={queryOf(view)} total={totalOf(page)} />
        <ColumnChooser columns={columns} />
      </PageLine>
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      <DataTable
        label={texts.page}
        rows={rows}
        keyOf={({ item }) => keyOf(item)}
        nameOf={({ item }) => nameOf(item)}
        columns={columns.shown}
        sorting={{
          by: latest.sort_by,
          order: latest.sort_order,
          searchOf: (sort: QueueSort) => queueView.write(sortBy(latest, sort)),
        }}
        selection={selection}
        current={current}
        onCurrent={setCurrent}
        onOpen={open}
        pulsing={live.pulsing}
        gone={live.gone}
        actions={{ name: texts.columns.actions, show: showMenu }}
      />
      <Pager
        page={page}
        onPrevious={() => onChange({ offset: Math.max(0, view.offset - pageSize) })}
        onNext={() => onChange({ offset: view.offset + pageSize })}
      />
      <QueueSelection selection={selection} rows={live.rows} view={view} total={totalOf(page)} />
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
  /** How often the dialog was opened: each time it is a new one. */
  const [openings, setOpenings] = useState(0);
  const wasAsked = useOnce(useStore(pendingAction) !== null);
  useReturnFocus(item, focusItem);
  useKeys(queueKeys, {
    search: focusSearch,
    errors: () => change(toggleStatus(view, 'error')),
    refresh: () => void refresh(),
  });
  return (
    <>
      <PageTitle page={texts.page}>
        <Button size="xs" variant="default" onClick={() => setOpenings(openings + 1)}>
          {texts.maintenance}
        </Button>
        <RefreshButton at={data.at} refresh={refresh} />
      </PageTitle>
      <Overview view={data.view} />
      <FilterBar view={view} labels={labels} onChange={change} />
      {data.list.data.items.length === 0 && data.view.offset === 0 ? (
        <Empty view={data.view} onChange={change} />
      ) : (
        <QueueTable data={data} latest={view} onChange={change} />
      )}
      <Answers />
      <Suspense>{wasOpened && <ItemDrawer id={item} />}</Suspense>
      <Suspense>{openings > 0 && <Maintenance key={openings} />}</Suspense>
      <Suspense>{wasAsked && <ConfirmItem />}</Suspense>
    </>
  );
}
