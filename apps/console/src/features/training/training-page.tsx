import { Skeleton } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { useLoaderData, useRevalidator } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { BulkDialogHost } from '#bulk/bulk-dialog-host.tsx';
import { useKeys } from '#keys/bindings.ts';
import { useView } from '#lists/use-view.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { useRefresh } from '#live/refresh.tsx';
import { StaleSince } from '#live/stale-since.tsx';
import { UnsentBadge } from '#outbox/unsent-badge.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { EmptyState } from '#ui/empty-state.tsx';
import { focusSearch } from '#ui/search-box.tsx';
import { TrainingBar } from './filter-bar.tsx';
import { trainingKeys } from './keys.ts';
import type { TrainingData } from './loader.ts';
import { Review } from './review.tsx';
import { trainingTexts as texts } from './texts.ts';
import { trainingView } from './view.ts';
import { ViewSwitch } from './view-switch.tsx';

const Elsewhere = lazyPart(() => import('./elsewhere.tsx'), 'Elsewhere');
const TitleList = lazyPart(() => import('./title-list.tsx'), 'TitleList');

/** The backlog, one title at a time or as a list, with the same filter. */
export function TrainingPage() {
  const data = useLoaderData<TrainingData>();
  const { view: loaded, session, list, firstUse } = data;
  const { revalidate } = useRevalidator();
  const { view, change } = useView(loaded, trainingView);
  const refresh = useRefresh();
  useSource(session?.url ?? list?.url ?? null);

  useEffect(() => session?.show(), [session]);
  // Each load sets the address without the title.
  useEffect(() => data.session?.nameShownTitle(), [data]);

  useKeys(trainingKeys, {
    search: focusSearch,
    view: () => change({ view: view.view === 'review' ? 'list' : 'review' }),
    refresh: () => void refresh(),
  });

  return (
    <>
      <PageTitle page={texts.name} touchHint={texts.touchHints[view.view]}>
        <StaleSince />
        <UnsentBadge />
        <ViewSwitch view={view.view} onChange={(next) => change({ view: next })} />
      </PageTitle>
      <TrainingBar view={view} session={session} onChange={change} onRefresh={() => void refresh()} />
      <Suspense>
        <Elsewhere view={loaded} session={session} list={list} onChange={change} />
      </Suspense>
      {firstUse ? (
        <EmptyState title={texts.noTitles} text={texts.noTitlesText} />
      ) : session ? (
        <Review key={session.pass} session={session} view={loaded} onChange={change} />
      ) : (
        <Suspense fallback={<Skeleton height={360} radius="md" role="status" aria-label={texts.loadingList} />}>
          <TitleList view={loaded} list={list} onChange={change} />
        </Suspense>
      )}
      <BulkDialogHost subject="training" onEnded={() => void revalidate()} />
    </>
  );
}
