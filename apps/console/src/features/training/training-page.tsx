import { useEffect, useRef, useState } from 'react';
import { useLoaderData, useNavigate, useRevalidator } from 'react-router';
import { Blank } from '#shared/blank.tsx';
import { useKeys } from '#shared/keys.ts';
import { PageTitle } from '#shared/page-title.tsx';
import { useSource } from '#shared/source.ts';
import { FilterBar, focusSearch } from './filter-bar.tsx';
import { type TrainingView, writeView } from './filters.ts';
import { Review } from './review.tsx';
import { nameShownTitle } from './review-session.ts';
import type { TrainingData } from './route.ts';
import { TitleList } from './title-list.tsx';
import { Unsent } from './unsent.tsx';
import { ViewSwitch } from './view-switch.tsx';

/** The labelling backlog, one title at a time or as a list, both of the same filter. */
export function TrainingPage() {
  const { view: loaded, session, list, firstUse } = useLoaderData<TrainingData>();
  const navigate = useNavigate();
  // What was asked for last, also while its rows are still on their way: the controls show it at once, and a change
  // made meanwhile builds on it.
  const [view, setView] = useState(loaded);
  const latest = useRef(loaded);
  useEffect(() => {
    latest.current = loaded;
    setView(loaded);
  }, [loaded]);
  const { revalidate } = useRevalidator();
  useSource(session?.url ?? list?.url ?? null);

  const change = (changes: Partial<TrainingView>, options: { replace?: boolean } = {}) => {
    latest.current = { ...latest.current, page: 1, ...changes };
    setView(latest.current);
    void navigate({ search: `${writeView(latest.current)}` }, options);
  };

  useEffect(() => {
    if (session) nameShownTitle(session);
  }, [session]);

  useKeys('Training', [
    { keys: ['/'], label: 'Search', run: focusSearch },
    {
      keys: ['v'],
      label: view.view === 'review' ? 'Show as a list' : 'Review one at a time',
      run: () => change({ view: view.view === 'review' ? 'list' : 'review' }),
    },
  ]);

  return (
    <>
      <PageTitle name="Training">
        <Unsent />
        <ViewSwitch view={view.view} onChange={(next) => change({ view: next })} />
      </PageTitle>
      <FilterBar view={view} onChange={change} onRefresh={() => void revalidate()} />
      {firstUse ? (
        <Blank
          title="There are no titles yet"
          text="The pipeline adds a title here when it meets a new release. Start a fresh database without --empty to try the console with a demo catalogue."
        />
      ) : session ? (
        <Review key={session.pass} session={session} view={loaded} onChange={change} />
      ) : (
        <TitleList view={loaded} list={list} onChange={change} />
      )}
    </>
  );
}
