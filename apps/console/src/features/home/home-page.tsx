import { useQuery } from '@tanstack/react-query';
import { Suspense, useDeferredValue } from 'react';
import { useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useServerInfo } from '#api/server-info.ts';
import { useKeys } from '#keys/bindings.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { LoadFailure, Part } from '#ui/load-failure.tsx';
import { attentionHeight, Card, type CardId, WaitingCard } from './card.tsx';
import { HealthLine } from './health.tsx';
import styles from './home.module.css';
import { homeKeys } from './keys.ts';
import { Backlog, Labels, LastSession } from './labelling.tsx';
import { home, type loader } from './loader.ts';
import { Health, Migrations, Readiness } from './platform.tsx';
import { homeTexts } from './texts.ts';

const { what } = homeTexts;

const cards = () => import('./lazy-cards.tsx');
const AttentionCard = lazyPart(cards, 'AttentionCard');
const DaysCard = lazyPart(cards, 'DaysCard');
const PipelineCard = lazyPart(cards, 'PipelineCard');
const RecentCards = lazyPart(cards, 'RecentCards');
const WhatsNew = lazyPart(cards, 'WhatsNew');

/** The state of the platform. Each part loads and fails on its own. */
export function HomePage() {
  const first = useLoaderData<typeof loader>();
  // Deferred, so that cards stay until their new content has come.
  const loaded = useDeferredValue(useQuery(home, queryClient).data ?? first);
  const { at, url, factsError, readiness, stats, sessions } = loaded;
  const facts = useServerInfo();
  const refresh = useRefresh();
  useSource(url);
  useKeys(homeKeys, { refresh: () => void refresh() });

  const ready = readiness.status === 'fulfilled' ? readiness.value : undefined;
  const checks = ready?.checks ?? [];
  return (
    <>
      <PageTitle page="Home">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <div className={styles.cards}>
        <Suspense fallback={<Waiting cards={{ attention: attentionHeight }} />}>
          <AttentionCard lazyData={loaded.lazyData} checks={checks} />
        </Suspense>
        <HealthLine facts={facts} latency={loaded.latency} readiness={ready}>
          <Card id="platform">
            {facts ? (
              <Health facts={facts} latency={loaded.latency} checks={checks} />
            ) : (
              <LoadFailure what={what.facts} error={factsError} />
            )}
          </Card>
          <Card id="readiness">
            <Part result={readiness} what={what.checks}>
              {(checked) => <Readiness readiness={checked} />}
            </Part>
          </Card>
          <Card id="migrations">
            {facts ? <Migrations facts={facts} /> : <LoadFailure what={what.migrations} error={factsError} />}
          </Card>
        </HealthLine>
        <Card id="backlog">
          <Part result={stats} what={what.titles}>
            {(counts) => <Backlog stats={counts.data} />}
          </Part>
        </Card>
        <Card id="session">
          <Part result={sessions} what={what.sessions}>
            {(list) => <LastSession session={list.data.data[0]} />}
          </Part>
        </Card>
        <Suspense fallback={<Waiting cards={{ days: 190 }} />}>
          <DaysCard lazyData={loaded.lazyData} />
        </Suspense>
        <Card id="labels">
          <Part result={stats} what={what.titles}>
            {(counts) => <Labels stats={counts.data} />}
          </Part>
        </Card>
        <Suspense fallback={<Waiting cards={{ pipeline: 284 }} />}>
          <PipelineCard lazyData={loaded.lazyData} />
        </Suspense>
        <Suspense fallback={<Waiting cards={{ predictions: 240, activity: 240 }} />}>
          <RecentCards lazyData={loaded.lazyData} />
        </Suspense>
        <Suspense>
          <WhatsNew />
        </Suspense>
      </div>
    </>
  );
}

/** Placeholders as high as the cards that are loading. */
function Waiting({ cards }: { cards: { [id in CardId]?: number } }) {
  return (Object.entries(cards) as [CardId, number][]).map(([id, height]) => (
    <WaitingCard key={id} id={id} height={height} />
  ));
}
