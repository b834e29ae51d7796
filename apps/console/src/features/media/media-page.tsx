import { listMedia } from '@at/contracts/media';
import { Alert, SegmentedControl } from '@mantine/core';
import { Suspense, useState } from 'react';
import { Outlet, useLoaderData, useMatch } from 'react-router';
import { call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { AllMatches } from '#lists/all-matches.tsx';
import { ClearButtons } from '#lists/clear-buttons.tsx';
import { useReturnFocus } from '#lists/current-row.ts';
import { countOf } from '#lists/pager.tsx';
import { type ChangeView, useView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useRefresh } from '#live/refresh.tsx';
import { StaleSince } from '#live/stale-since.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { useStore } from '#state/store.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { focusSearch } from '#ui/search-box.tsx';
import { BoardView } from './board-view.tsx';
import { TransmissionNote } from './download-progress.tsx';
import { MediaBar } from './filter-bar.tsx';
import { focusItem } from './item-keys.ts';
import type { Surroundings } from './item-neighbours.tsx';
import { mediaKeys } from './keys.ts';
import type { MediaData } from './loader.ts';
import { pendingAction } from './media-changes.ts';
import { readRows } from './media-rows.ts';
import { TableView } from './table-view.tsx';
import { mediaTexts as texts } from './texts.ts';
import { useUnavailable } from './use-disabled-reasons.ts';
import {
  activeFilters,
  describeView,
  isShown,
  type MediaView,
  mediaView,
  queryOf,
  showsCauses,
  toggleShortcut,
} from './view.ts';

const BulkDialogHost = lazyPart(() => import('#bulk/bulk-dialog-host.tsx'), 'BulkDialogHost');
const MatchesElsewhere = lazyPart(() => import('#lists/matches-elsewhere.tsx'), 'MatchesElsewhere');
const ErrorCauses = lazyPart(() => import('./error-causes.tsx'), 'ErrorCauses');
const ConfirmDialog = lazyPart(() => import('./confirm-dialog.tsx'), 'ConfirmDialog', 'dialog');

const allItems = {
  name: texts.allItems,
  count: async (view: MediaView, signal: AbortSignal) =>
    (await call(listMedia, { query: { ...queryOf(view), limit: 1, count: 'estimated' }, signal })).data.pagination,
};

function Empty({ view, onChange }: { view: MediaView; onChange: ChangeView<MediaView> }) {
  const onlyErrors = view.error_status === 'true' && activeFilters(view).length === 1 && view.q.trim() === '';
  const empty = onlyErrors ? texts.noErrors : texts.noMatch(describeView(view), activeFilters(view).length > 0);
  return (
    <EmptyState {...empty}>
      <Suspense>
        <MatchesElsewhere q={view.q} on="queue" />
      </Suspense>
      <ClearButtons view={view} definition={mediaView} onChange={onChange} />
    </EmptyState>
  );
}

/** Above the list "To approve": why no item can be approved, and what to set. */
function ApprovalNote({ view }: { view: MediaView }) {
  const reason = useUnavailable()('approve');
  if (reason === undefined || !isShown(view, 'toApprove')) return null;
  return (
    <Alert color="yellow" mb="sm">
      {texts.notApprovable(reason)}
    </Alert>
  );
}

const isEmpty = ({ list, board }: MediaData) =>
  board ? board.columns.get().every(({ rows }) => rows.length === 0) : list.data.data.length === 0;

/** `left`: items of the list that no longer match its filter. */
function surroundingsOf({ view, board, list }: MediaData, left: ReadonlySet<string>): Surroundings {
  const hashes = (board ? board.columns.get().flatMap(({ rows }) => rows) : list.data.data).map(({ hash }) => hash);
  const placeOf = (index: number) => {
    if (board) return texts.placeOnBoard(formatInteger(index + 1), formatInteger(hashes.length));
    if (left.has(hashes[index] as string)) return texts.leftList;
    const before = hashes.slice(0, index).filter((hash) => !left.has(hash)).length;
    return texts.placeInList(formatInteger(view.offset + before + 1), countOf({ ...list.data, left: left.size }));
  };
  return { hashes, placeOf };
}

/** Every release in the pipeline, with errors, reasons and actions. */
export function MediaPage() {
  const data = useLoaderData<MediaData>();
  const { view: loaded, firstUse } = data;
  const { view, change } = useView(loaded, mediaView);
  const refresh = useRefresh();
  useSource(data.board ? data.board.url : data.list.url);

  const isConfirming = useStore(pendingAction) !== null;
  const [wasOpened, setWasOpened] = useState(false);
  if (isConfirming && !wasOpened) setWasOpened(true);

  const opened = useMatch('/media/:hash')?.params.hash;
  useReturnFocus(opened ?? null, focusItem);

  useKeys(mediaKeys, {
    search: focusSearch,
    errors: () => change(toggleShortcut(view, 'errors')),
    view: () => change({ view: view.view === 'table' ? 'board' : 'table' }),
    refresh: () => void refresh(),
  });

  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const surroundings = surroundingsOf(data, left);
  return (
    <>
      <PageTitle page={texts.page}>
        <StaleSince />
        <SegmentedControl
          size="xs"
          aria-label={texts.viewLabel}
          value={view.view}
          onChange={(next) => change({ view: next })}
          data={(['table', 'board'] as const).map((value) => ({ value, label: texts.views[value] }))}
        />
      </PageTitle>
      <MediaBar view={view} onChange={change} onRefresh={() => void refresh()} />
      <AllMatches
        view={loaded}
        found={data.list?.data.pagination.total ?? null}
        definition={mediaView}
        whole={allItems}
        onChange={change}
      />
      <ApprovalNote view={loaded} />
      <Suspense>{showsCauses(loaded) && <ErrorCauses view={loaded} />}</Suspense>
      {firstUse ? (
        <EmptyState {...texts.firstUse} />
      ) : isEmpty(data) && loaded.offset === 0 ? (
        <Empty view={loaded} onChange={change} />
      ) : data.board ? (
        <BoardView view={loaded} board={data.board} />
      ) : (
        <TableView view={loaded} latest={view} list={data.list} onChange={change} onLeft={setLeft} />
      )}
      {/* It comes late: above the list it would move the rows under the pointer. */}
      <TransmissionNote />
      <Outlet context={surroundings} />
      <Suspense>{wasOpened && <ConfirmDialog />}</Suspense>
      <Suspense>
        <BulkDialogHost
          subject="media"
          onEnded={() => void readRows(data.board ? [] : data.list.data.data.map(({ hash }) => hash))}
        />
      </Suspense>
    </>
  );
}
