import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLoaderData } from 'react-router';
import { homeKeys } from '#shared/key-map/home.ts';
import { useKeys } from '#shared/keys.ts';
import { meta } from '#shared/meta.ts';
import { Missing, Part } from '#shared/missing.tsx';
import { PageTitle } from '#shared/page-title.tsx';
import { RefreshButton, useRefresh } from '#shared/refresh.tsx';
import { useSource } from '#shared/source.ts';
import { useStore } from '#shared/store.ts';
import styles from './home.module.css';
import { Migrations, Platform, Readiness } from './platform.tsx';
import type { loader } from './route.ts';
import { WhatsNew } from './whats-new.tsx';
import { Backlog, Labels, LastSession } from './work.tsx';

/** The state of the platform; each part stands for itself, so that one that fails takes no other with it. */
export function HomePage() {
  const { at, url, factsError, readiness, stats, sessions } = useLoaderData<typeof loader>();
  const facts = useStore(meta);
  const refresh = useRefresh();
  useSource(url);
  useKeys(homeKeys, { refresh: () => void refresh() });

  const failed =
    readiness.status === 'fulfilled' ? readiness.value.checks.filter(({ status }) => status === 'failed') : [];
  return (
    <>
      <PageTitle name="Home">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      {failed.length > 0 && (
        <Alert color="red" mb="md" title="Requests will fail">
          {/* Every check says the same when the database is away. */}
          {[...new Set(failed.map(({ detail }) => detail))].join(' ')}
        </Alert>
      )}
      <div className={styles.cards}>
        <Card name="Backlog">
          <Part result={stats} what="The counts of titles">
            {(counts) => <Backlog stats={counts.data} />}
          </Part>
        </Card>
        <Card name="Labels">
          <Part result={stats} what="The counts of titles">
            {(counts) => <Labels stats={counts.data} />}
          </Part>
        </Card>
        <Card name="Last labelling session">
          <Part result={sessions} what="The labelling sessions">
            {(list) => <LastSession session={list.data.data[0]} />}
          </Part>
        </Card>
        <Card name="API and database">
          {facts ? <Platform facts={facts} /> : <Missing what="What the API says about itself" error={factsError} />}
        </Card>
        <Card name="Readiness">
          <Part result={readiness} what="The checks">
            {(checked) => <Readiness readiness={checked} />}
          </Part>
        </Card>
        <Card name="Migrations">
          {facts ? <Migrations facts={facts} /> : <Missing what="The last migrations" error={factsError} />}
        </Card>
        <WhatsNew />
      </div>
    </>
  );
}

function Card({ name, children }: { name: string; children: ReactNode }) {
  const id = name.replaceAll(' ', '-').toLowerCase();
  return (
    <section className={styles.card} data-card={id} aria-labelledby={id}>
      <h2 id={id}>{name}</h2>
      {children}
    </section>
  );
}
