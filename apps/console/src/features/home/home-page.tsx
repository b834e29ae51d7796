import { Alert, Skeleton } from '@mantine/core';
import { Suspense } from 'react';
import { useLoaderData } from 'react-router';
import { homeKeys } from '#shared/key-map/home.ts';
import { useKeys } from '#shared/keys.ts';
import { meta } from '#shared/meta.ts';
import { Missing, Part } from '#shared/missing.tsx';
import { PageTitle } from '#shared/page-title.tsx';
import { part } from '#shared/part.ts';
import { RefreshButton, useRefresh } from '#shared/refresh.tsx';
import { useSource } from '#shared/source.ts';
import { useStore } from '#shared/store.ts';
import { homeTexts } from '#shared/texts/home.ts';
import { Card, type CardId } from './card.tsx';
import { useFollow } from './follow.ts';
import styles from './home.module.css';
import { Health, Migrations, Readiness } from './platform.tsx';
import type { loader } from './route.ts';
import { WhatsNew } from './whats-new.tsx';
import { Backlog, Labels, LastSession } from './work.tsx';

const { what } = homeTexts;

const cards = () => import('./further-cards.tsx');
const AttentionCard = part(cards, 'AttentionCard');
const PipelineCard = part(cards, 'PipelineCard');
const RecentCards = part(cards, 'RecentCards');

/** The state of the platform; each part stands for itself, so that one that fails takes no other with it. */
export function HomePage() {
  const loaded = useLoaderData<typeof loader>();
  const { at, url, factsError, readiness, stats, sessions } = loaded;
  const facts = useStore(meta);
  const refresh = useRefresh();
  useFollow();
  useSource(url);
  useKeys(homeKeys, { refresh: () => void refresh() });

  const checks = readiness.status === 'fulfilled' ? readiness.value.checks : [];
  const failed = checks.filter(({ status }) => status === 'failed');
  return (
    <>
      <PageTitle name="Home">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      {failed.length > 0 && (
        <Alert color="red" mb="md" title={homeTexts.willFail}>
          {/* Every check says the same when the database is away. */}
          {[...new Set(failed.map(({ detail }) => detail))].join(' ')}
        </Alert>
      )}
      <div className={styles.cards}>
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
        <Suspense fallback={<Waiting cards={{ attention: 92 }} />}>
          <AttentionCard further={loaded.further} />
        </Suspense>
        <Card id="labels">
          <Part result={stats} what={what.titles}>
            {(counts) => <Labels stats={counts.data} />}
          </Part>
        </Card>
        <Suspense fallback={<Waiting cards={{ pipeline: 284 }} />}>
          <PipelineCard further={loaded.further} />
        </Suspense>
        <Card id="health">
          {facts ? (
            <Health facts={facts} latency={loaded.latency} checks={checks} />
          ) : (
            <Missing what={what.facts} error={factsError} />
          )}
        </Card>
        <Suspense fallback={<Waiting cards={{ predictions: 240, activity: 240 }} />}>
          <RecentCards further={loaded.further} />
        </Suspense>
        <Card id="readiness">
          <Part result={readiness} what={what.checks}>
            {(checked) => <Readiness readiness={checked} />}
          </Part>
        </Card>
        <Card id="migrations">
          {facts ? <Migrations facts={facts} /> : <Missing what={what.migrations} error={factsError} />}
        </Card>
        <WhatsNew />
      </div>
    </>
  );
}

/** In place of cards whose content is on its way, as high as they will be. */
function Waiting({ cards }: { cards: { [id in CardId]?: number } }) {
  return (Object.entries(cards) as [CardId, number][]).map(([id, height]) => (
    <Card key={id} id={id}>
      <Skeleton height={height} />
    </Card>
  ));
}
