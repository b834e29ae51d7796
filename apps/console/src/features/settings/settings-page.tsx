import { Button, SegmentedControl, Switch, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useLoaderData, useSearchParams } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { hintsChosen } from '#pages/first-visit-hint.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { useStore } from '#state/store.ts';
import { Appearance } from './appearance.tsx';
import { ConnectionFacts } from './connection-facts.tsx';
import { DefaultFilters } from './default-filters.tsx';
import { KeySettings } from './key-settings.tsx';
import { settingsKeys } from './keys.ts';
import type { loader } from './loader.ts';
import { NotificationSettings } from './notification-settings.tsx';
import { QueueNames } from './queue-names.tsx';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

type SectionProps = {
  /** The fragment of a link to it, without `#`. */
  id: string;
  title: string;
  description?: string;
  children: ReactNode;
};

function Section({ id, title, description, children }: SectionProps) {
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.head}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {description && <p className={styles.aside}>{description}</p>}
      </div>
      <div className={styles.body}>{children}</div>
    </section>
  );
}

function HintSettings() {
  const { shown, dismissed } = useStore(hintsChosen);
  return (
    <>
      <Switch
        label={texts.showHints}
        description={texts.showHintsDescription}
        checked={shown}
        onChange={(event) => hintsChosen.set({ shown: event.currentTarget.checked, dismissed })}
      />
      {shown && dismissed.length > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          className={styles.reset ?? ''}
          onClick={() => hintsChosen.set({ shown, dismissed: [] })}
        >
          {texts.resetHints}
        </Button>
      )}
    </>
  );
}

const tabs = ['general', 'keys'] as const;

/** The user's preferences, and what the API is connected to. */
export function SettingsPage() {
  const { at, url, info, session } = useLoaderData<typeof loader>();
  const [parameters, setParameters] = useSearchParams();
  const tab = parameters.get('tab') === 'keys' ? 'keys' : 'general';
  const refresh = useRefresh();
  useKeys(settingsKeys, { refresh: () => void refresh() });
  useSource(url);
  return (
    <>
      <PageTitle page="Settings">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <SegmentedControl
        mb="sm"
        aria-label={texts.tabsLabel}
        value={tab}
        onChange={(next) => setParameters(next === 'keys' ? { tab: next } : {})}
        data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
      />
      {tab === 'keys' ? (
        <div className={styles.page}>
          <Section id="keys" title={texts.keys}>
            <KeySettings />
          </Section>
        </div>
      ) : (
        <div className={styles.page}>
          <Section id="connection" title={texts.connection}>
            <ConnectionFacts info={info} session={session} />
          </Section>
          <Section id="appearance" title={texts.appearance}>
            <Appearance at={at} />
          </Section>
          <Section id="opening" title={texts.opening} description={texts.openingDescription}>
            <DefaultFilters />
          </Section>
          <Section id="queue" title={texts.queue} description={texts.queueDescription}>
            <QueueNames />
          </Section>
          <Section id="notifications" title={texts.notifications}>
            <NotificationSettings />
          </Section>
          <Section id="hints" title={texts.hints}>
            <HintSettings />
          </Section>
        </div>
      )}
    </>
  );
}
