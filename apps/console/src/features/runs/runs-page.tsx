import { listTaskRuns, type Run } from '@at/contracts/runs';
import { useMemo } from 'react';
import { useLoaderData, useLocation, useNavigate } from 'react-router';
import { call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { readByIds } from '#api/read-by-ids.ts';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { ColumnChooser, useColumns } from '#lists/columns.tsx';
import { DataTable } from '#lists/data-table.tsx';
import { ExportMenu } from '#lists/export-menu.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { describePage, ListLine, Pager } from '#lists/pager.tsx';
import { useSelection } from '#lists/selection.ts';
import { useView } from '#lists/use-view.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { useLiveRows } from '#live/use-live-rows.ts';
import { PageTitle } from '#pages/page-title.tsx';
import { stateWords, taskName, wordFor } from '#runs/describe-run.ts';
import { runAddress } from '#runs/run-address.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { Backlog } from './backlog.tsx';
import { RunFailures } from './failures.tsx';
import { FilterBar } from './filter-bar.tsx';
import { runsKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { runColumns } from './run-columns.tsx';
import { RunsSelection } from './selection.tsx';
import { runsPageTexts as texts } from './texts.ts';
import { fileQueryOf, filterOf, pageSize, queryOf, type RunSort, runsView, sortBy, sortOf } from './view.ts';

const keyOf = ({ id }: Run) => id;
/** A run has no version: what was read later is newer. */
const versionOf = ({ created_at }: Run) => created_at;

const readRuns = (ids: string[], signal: AbortSignal) =>
  readByIds(ids, async (id) => (await call(listTaskRuns, { query: { id, limit: id.length }, signal })).data.data);

/** What workers do in the background, newest first. */
export function RunsPage() {
  const { at, url, view: loaded, runs, pagination, names } = useLoaderData<typeof loader>();
  const { view, change } = useView(loaded, runsView);
  const refresh = useRefresh();
  const navigate = useNavigate();
  const { search } = useLocation();
  useSource(url);
  const isFirstPage = loaded.cursor.length === 0;
  const live = useLiveRows<Run>({
    rows: runs,
    keyOf,
    versionOf,
    touches: ({ run_id }) => (run_id === null ? [] : [run_id]),
    fetchRows: readRuns,
    findNew: async (id, signal) => (await call(listTaskRuns, { query: { ...queryOf(loaded), id }, signal })).data.data,
    enters: 'changed',
    types: ['run.changed'],
    toFirstPage: isFirstPage ? undefined : () => change({ cursor: [] }),
  });
  useKeys(runsKeys, {
    errors: () => change({ state: wordFor(view.state as never) === 'failed' ? [] : [...stateWords.failed] }),
    refresh: () => void refresh(),
  });
  const columns = useColumns('runs', runColumns);
  const keys = useMemo(() => runs.map(keyOf), [runs]);
  const selection = useSelection(keys, JSON.stringify(filterOf(loaded)));
  const rows = useMemo(() => live.rows.map((run) => ({ run, names })), [live.rows, names]);

  const offset = loaded.cursor.length * pageSize;
  // The total is known on the last page only.
  const total = pagination.has_more ? null : offset + runs.length;
  const page = { pagination: { ...pagination, total }, offset, rows: runs.length };
  const described = runsView.describe(loaded);
  const isNarrowed = runsView.activeFilters(loaded).length > 0;
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <Backlog />
      <RunFailures view={loaded} />
      <FilterBar view={view} onChange={change} />
      <NewRowsPill count={live.newCount} onShow={live.showNew} />
      {runs.length === 0 && isFirstPage ? (
        <EmptyState {...(isNarrowed ? texts.noMatch(described) : texts.none)}>
          <ClearButtons view={loaded} definition={runsView} onChange={change} />
        </EmptyState>
      ) : (
        <>
          <ListLine
            text={
              isFirstPage && pagination.has_more && loaded.sort_order === 'desc'
                ? texts.described.latest(formatInteger(runs.length), described)
                : `${describePage(page)}, ${described}`
            }
          >
            <ExportMenu endpoint={listTaskRuns} query={fileQueryOf(loaded)} total={total} />
            <ColumnChooser columns={columns} />
          </ListLine>
          <DataTable
            label={texts.page}
            rows={rows}
            keyOf={({ run }) => run.id}
            nameOf={({ run }) => taskName(run.task)}
            selection={selection}
            columns={columns.shown}
            sorting={{
              by: sortOf(view),
              order: view.sort_order,
              searchOf: (sort: RunSort) => runsView.write(sortBy(view, sort)),
            }}
            onOpen={(id) =>
              void navigate(runAddress(search, id), { state: { fromList: true }, preventScrollReset: true })
            }
            pulsing={live.pulsing}
            gone={live.gone}
          />
          <Pager
            page={page}
            onPrevious={() => change({ cursor: loaded.cursor.slice(0, -1) })}
            onNext={() => change({ cursor: [...loaded.cursor, pagination.next_cursor as string] })}
          />
          <RunsSelection selection={selection} rows={live.rows} />
        </>
      )}
    </>
  );
}
