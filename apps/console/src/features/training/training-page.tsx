import { useEffect } from 'react';
import { useLoaderData, useRevalidator } from 'react-router';
import { AsOf } from '#shared/as-of.tsx';
import { Blank } from '#shared/blank.tsx';
import { BulkPlace } from '#shared/bulk-place.tsx';
import { trainingKeys } from '#shared/key-map/training.ts';
import { useKeys } from '#shared/keys.ts';
import { PageTitle } from '#shared/page-title.tsx';
import { useRefresh } from '#shared/refresh.tsx';
import { focusSearch } from '#shared/search-box.tsx';
import { useSource } from '#shared/source.ts';
import { trainingTexts as texts } from '#shared/texts/training.ts';
import { Unsent } from '#shared/unsent.tsx';
import { useView } from '#shared/use-view.ts';
import { TrainingBar } from './filter-bar.tsx';
import { firstPage, readView, writeView } from './filters.ts';
import { Review } from './review.tsx';
import { nameShownTitle, show } from './review-session.ts';
import type { TrainingData } from './route.ts';
import { TitleList } from './title-list.tsx';
import { ViewSwitch } from './view-switch.tsx';

/** The labelling backlog, one title at a time or as a list, both of the same filter. */
export function TrainingPage() {
  const data = useLoaderData<TrainingData>();
  const { view: loaded, session, list, firstUse } = data;
  const { revalidate } = useRevalidator();
  const { view, change } = useView(loaded, { read: readView, write: writeView, firstPage });
  const refresh = useRefresh();
  useSource(session?.url ?? list?.url ?? null);

  useEffect(() => (session ? show(session) : undefined), [session]);
  // Whatever was loaded, the router has put an address of its own in the bar.
  useEffect(() => {
    if (data.session) nameShownTitle(data.session);
  }, [data]);

  useKeys(trainingKeys, {
    search: focusSearch,
    view: () => change({ view: view.view === 'review' ? 'list' : 'review' }),
  });

  return (
    <>
      <PageTitle name={texts.name}>
        <AsOf />
        <Unsent />
        <ViewSwitch view={view.view} onChange={(next) => change({ view: next })} />
      </PageTitle>
      <TrainingBar view={view} onChange={change} onRefresh={() => void refresh()} />
      {firstUse ? (
        <Blank title={texts.noTitles} text={texts.whenTitlesCome} />
      ) : session ? (
        <Review key={session.pass} session={session} view={loaded} onChange={change} />
      ) : (
        <TitleList view={loaded} list={list} onChange={change} />
      )}
      <BulkPlace subject="training" onEnded={() => void revalidate()} />
    </>
  );
}
