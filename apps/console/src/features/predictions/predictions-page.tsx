import { listMovies } from '@at/contracts/movies';
import type { CmValue } from '@at/contracts/vocabulary';
import { SegmentedControl, Skeleton } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useDeferredValue, useEffect, useMemo, useRef } from 'react';
import { useLoaderData, useLocation, useRevalidator } from 'react-router';
import { call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useServerInfo } from '#api/server-info.ts';
import { useKeys } from '#keys/bindings.ts';
import { AllMatches } from '#lists/all-matches.tsx';
import { BarSelect } from '#lists/bar-select.tsx';
import { FilterBar, FilterShortcut, lazyFilters } from '#lists/filter-bar.tsx';
import { useView } from '#lists/use-view.ts';
import { invalidate } from '#live/invalidations.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { UnsentBadge } from '#outbox/unsent-badge.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { formatThreshold } from '#titles/verdict.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { agreementOf } from './agreement-query.ts';
import { matrixAt, tallyOf } from './evaluation.ts';
import { predictionKeys } from './keys.ts';
import type { PredictionsData } from './loader.ts';
import { MatrixPanel } from './matrix-panel.tsx';
import { Measures } from './measures.tsx';
import styles from './predictions.module.css';
import { forgetRows } from './rows.ts';
import { slicesOf } from './slices-query.ts';
import { Strip, useExpanded } from './strip.tsx';
import { predictionTexts as texts } from './texts.ts';
import { focusThreshold, ThresholdPanel } from './threshold-panel.tsx';
import { useEvaluation } from './use-evaluation.ts';
import {
  describeScope,
  listQuery,
  openSlice,
  type PredictionsView,
  predictionsView,
  readView,
  type Tab,
  tabs,
} from './view.ts';

const panel = lazyFilters<PredictionsView>(() => import('./filter-fields.ts'));
const Legend = lazyPart(() => import('#titles/legend-drawer.tsx'), 'LegendDrawer', 'dialog');
const TitleList = lazyPart(() => import('./title-list.tsx'), 'TitleList');
const Curves = lazyPart(() => import('./curves.tsx'), 'Curves');
const BulkDialogHost = lazyPart(() => import('#bulk/bulk-dialog-host.tsx'), 'BulkDialogHost');
const Calibration = lazyPart(() => import('./calibration.tsx'), 'Calibration');
const Agreement = lazyPart(() => import('./agreement.tsx'), 'Agreement');
const SliceTable = lazyPart(() => import('./slice-table.tsx'), 'SliceTable');

const allPredicted = {
  name: texts.predictedTitles,
  count: async (view: PredictionsView, signal: AbortSignal) =>
    (await call(listMovies, { query: { ...listQuery(view), limit: 1, count: 'estimated' }, signal })).data.pagination,
};

/** Milliseconds without a move of the slider before the address changes. */
const settle = 250;

/** Where the model is wrong: the matrix at a threshold, and the titles of each cell. */
export function PredictionsPage() {
  const { at, rows, firstUse } = useLoaderData<PredictionsData>();
  const { search } = useLocation();
  const located = useMemo(() => readView(new URLSearchParams(search)), [search]);
  const { view, change, preview } = useView(located, predictionsView);
  const follow = useDebouncedCallback(() => change({ rows: view.rows }, { replace: true }), settle);
  /** Shows the effect of a threshold at once; the address, and a list of one cell, change when the slider rests. */
  const slide = (threshold: number) => {
    preview({ threshold });
    follow();
  };
  const { evaluation, loadedThreshold, countedAt, url, failure, retry } = useEvaluation(located);
  const facts = useServerInfo();
  const refresh = useRefresh();
  const { revalidate } = useRevalidator();
  useEffect(() => forgetRows, []);
  const list = rows.status === 'fulfilled' ? rows.value : null;
  const { data: sliced } = useQuery({ ...slicesOf(located), enabled: false }, queryClient);
  const { data: agreed } = useQuery({ ...agreementOf(located), enabled: false }, queryClient);
  useSource({ titles: list?.url, slices: sliced?.url, agreement: agreed?.url }[view.tab as string] ?? url);

  const downloader = facts?.operating_threshold ?? (loadedThreshold === null ? evaluation?.threshold : undefined);
  const threshold = view.threshold ?? downloader ?? null;
  const histogram = evaluation?.histogram;
  const tally = useMemo(() => histogram && tallyOf(histogram), [histogram]);
  const atThreshold = tally && threshold !== null ? matrixAt(tally, threshold) : null;
  const matrix = view.cells === 'recorded' ? (evaluation?.stored.matrix ?? null) : atThreshold;
  // The slider must not lag; the badges of the rows may render a frame later.
  const listThreshold = useDeferredValue(threshold);

  const scope = `${formatInteger(evaluation?.labelled ?? 0)} ${describeScope(located)}`;
  const isExpanded = useExpanded();
  const tabsAt = useRef<HTMLDivElement>(null);
  const showCell = (cell: CmValue) => {
    change({ cell: view.cell === cell ? 'all' : cell, tab: 'titles' });
    // Where the matrix has the window, as on a phone, its list would stay out of sight.
    const top = tabsAt.current?.getBoundingClientRect().top ?? 0;
    if (top > innerHeight / 2) tabsAt.current?.scrollIntoView();
  };
  useKeys(predictionKeys, {
    search: focusSearch,
    threshold: focusThreshold,
    refresh: () => void refresh(),
    tp: () => showCell('tp'),
    fn: () => showCell('fn'),
    fp: () => showCell('fp'),
    tn: () => showCell('tn'),
  });

  if (firstUse) {
    return (
      <>
        <PageTitle page={texts.name} />
        <EmptyState title={texts.firstUse.title} text={texts.firstUse.text} />
      </>
    );
  }
  return (
    <>
      <PageTitle page={texts.name}>
        <UnsentBadge />
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      {evaluation && tally && threshold !== null && matrix && atThreshold ? (
        isExpanded ? (
          <>
            <div className={styles.instrument}>
              <MatrixPanel
                view={view}
                name={scope}
                matrix={matrix}
                evaluation={evaluation}
                countedAt={countedAt}
                isCompared={loadedThreshold === view.threshold}
                onCell={showCell}
                onChange={change}
              />
              <ThresholdPanel
                view={view}
                histogram={evaluation.histogram}
                matrix={atThreshold}
                tally={tally}
                threshold={threshold}
                downloader={downloader}
                onThreshold={slide}
                onChange={change}
              />
            </div>
            <Measures view={view} matrix={matrix} evaluation={evaluation} threshold={threshold} />
          </>
        ) : (
          <Strip
            view={view}
            name={scope}
            countedAt={countedAt}
            matrix={matrix}
            threshold={threshold}
            onThreshold={slide}
            onCell={showCell}
          />
        )
      ) : (
        <div className={styles.card}>
          <LoadFailure what={texts.notLoaded.evaluation} error={failure} retry={retry} />
        </div>
      )}
      <SegmentedControl
        ref={tabsAt}
        className={styles.tabs ?? ''}
        aria-label={texts.tabsLabel}
        value={view.tab}
        onChange={(tab) => change({ tab: tab as Tab, rows: view.rows })}
        data={tabs.map((tab) => ({
          value: tab,
          label: (
            <>
              <span className={styles.wide}>{texts.tabs[tab]}</span>
              <span className={styles.narrow}>{texts.shortTabs[tab]}</span>
            </>
          ),
        }))}
      />
      {view.tab === 'titles' && (
        <>
          <FilterBar
            page="predictions"
            view={view}
            definition={predictionsView}
            search={texts.search}
            panel={panel}
            legend={Legend}
            onChange={change}
          >
            <FilterShortcut
              pressed={view.cell === 'errors'}
              onClick={() => change({ cell: 'errors', order: 'disagree' })}
            >
              {texts.errors}
            </FilterShortcut>
            <FilterShortcut pressed={view.cell === 'all'} onClick={() => change({ cell: 'all', order: 'likely' })}>
              {texts.allCells}
            </FilterShortcut>
            <BarSelect
              value={view.order}
              names={texts.orders(threshold === null ? null : formatThreshold(threshold))}
              onChange={(order) => change({ order })}
            />
          </FilterBar>
          <AllMatches
            view={located}
            found={list?.total ?? null}
            definition={predictionsView}
            whole={allPredicted}
            onChange={change}
          />
          {list ? (
            <Suspense fallback={<Skeleton height={360} radius="md" role="status" aria-label={texts.loadingList} />}>
              <TitleList view={located} list={list} threshold={listThreshold} onChange={change} />
            </Suspense>
          ) : (
            <div className={styles.card}>
              <LoadFailure what={texts.notLoaded.list} error={(rows as PromiseRejectedResult).reason} retry={refresh} />
            </div>
          )}
        </>
      )}
      <Suspense fallback={<Skeleton height={360} radius="md" role="status" aria-label={texts.loadingChart} />}>
        {evaluation && tally && threshold !== null && atThreshold && (
          <>
            {view.tab === 'curves' && (
              <Curves evaluation={evaluation} tally={tally} matrix={atThreshold} threshold={threshold} />
            )}
            {view.tab === 'calibration' && <Calibration evaluation={evaluation} />}
          </>
        )}
        {view.tab === 'agreement' && <Agreement view={located} onChange={change} />}
        {view.tab === 'slices' && (
          <SliceTable view={located} onChange={change} onOpen={(filter) => change(openSlice(view, filter))} />
        )}
      </Suspense>
      <Suspense>
        <BulkDialogHost
          subject="training"
          onEnded={() => {
            void revalidate();
            invalidate('evaluation');
            invalidate('slices');
          }}
        />
      </Suspense>
    </>
  );
}
