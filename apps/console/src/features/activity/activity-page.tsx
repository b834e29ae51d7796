import { changeTypes } from '@at/contracts/vocabulary';
import { Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Outlet, useLoaderData, useRevalidator, useRouteLoaderData } from 'react-router';
import { ActivitySessions } from '#activity-log/activity-list.tsx';
import { useSource } from '#api/page-request.ts';
import { BulkDialogHost } from '#bulk/bulk-dialog-host.tsx';
import { useKeys } from '#keys/bindings.ts';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { NewRowsPill } from '#lists/new-rows-pill.tsx';
import { describePage, ListLine, Pager } from '#lists/pager.tsx';
import { useView } from '#lists/use-view.ts';
import { useLive } from '#live/live-events.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger, formatMoment } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import styles from './activity.module.css';
import { FilterBar } from './filter-bar.tsx';
import { activityKeys } from './keys.ts';
import type { ActivityData } from './loader.ts';
import { OperationList } from './operation-list.tsx';
import type { OperationData } from './operation-loader.ts';
import { activityPageTexts as texts } from './texts.ts';
import { usePolledOperations } from './use-polled-operations.ts';
import { activeFilters, activityView, changesQuery, describeView, pageSize } from './view.ts';

/** Changes, and bulk operations. */
export function ActivityPage() {
  const data = useLoaderData<ActivityData>();
  const { view: loaded, changes, operations } = data;
  const { view, change } = useView(loaded, activityView);
  const { revalidate } = useRevalidator();
  const refresh = useRefresh();
  useSource(data.url);

  const opened = useRouteLoaderData('operation') as OperationData | undefined;
  const shown = [...(operations?.data ?? []), ...(opened && 'operation' in opened ? [opened.operation] : [])];
  const latest = usePolledOperations(shown, () => void revalidate());

  // New changes appear on the first page only, on request.
  const [isBehind, setBehind] = useState(false);
  useEffect(() => setBehind(false), [data]);
  useLive([...changeTypes, 'queue.changed'], () => setBehind(changes !== undefined && loaded.cursor.length === 0));

  useKeys(activityKeys, {
    search: focusSearch,
    tab: () => change({ tab: view.tab === 'changes' ? 'operations' : 'changes' }),
    refresh: () => void refresh(),
  });

  const { pagination } = changes ?? operations;
  const rows = changes ? changes.named.rows.length : operations.data.length;
  const offset = loaded.cursor.length * pageSize;
  // The total is known on the last page only.
  const total = pagination.has_more ? null : offset + rows;
  const page = { pagination: { ...pagination, total }, offset, rows };
  const isEmpty = rows === 0 && loaded.cursor.length === 0;
  const isNarrowed = activeFilters(loaded).length > 0 || changesQuery(loaded).q !== undefined;
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={data.at} refresh={refresh} />
      </PageTitle>
      <FilterBar view={view} onChange={change} />
      {isEmpty ? (
        <EmptyState {...(isNarrowed ? texts.noMatch(describeView(loaded)) : texts.none[loaded.tab])}>
          <ClearButtons view={loaded} definition={activityView} onChange={change} />
        </EmptyState>
      ) : (
        <>
          <ListLine
            text={
              offset === 0 && pagination.has_more
                ? texts.described.latest(formatInteger(rows), describeView(loaded))
                : `${describePage(page)}, ${describeView(loaded)}`
            }
          >
            {changes?.recorded_since && (
              <Text size="sm" c="dimmed">
                {texts.recordedSince} <RelativeTime at={changes.recorded_since} />
              </Text>
            )}
          </ListLine>
          <NewRowsPill count={isBehind ? 'many' : 0} onShow={() => void refresh()} />
          {changes ? (
            <div className={styles.changes}>
              <ActivitySessions activity={changes.named} onUndone={() => void revalidate()} />
            </div>
          ) : (
            <OperationList operations={operations.data.map(latest)} opened={opened?.id} />
          )}
          <Pager
            page={page}
            onPrevious={() => change({ cursor: loaded.cursor.slice(0, -1) })}
            onNext={() => change({ cursor: [...loaded.cursor, pagination.next_cursor as string] })}
          />
        </>
      )}
      {changes?.recorded_since && !pagination.has_more && (
        <Text size="sm" c="dimmed" mt="xs">
          {texts.since(formatMoment(changes.recorded_since))}
        </Text>
      )}
      <Outlet context={latest} />
      <BulkDialogHost onEnded={() => void revalidate()} />
    </>
  );
}
