import type { Readiness } from '@at/contracts/system';
import { Button } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Fragment, use, useEffect } from 'react';
import { Link } from 'react-router';
import { isOutage } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { type Attention, attentionQueries, loadAttention, retryAttention, urgencies } from '#pages/attention.ts';
import { type Page, usePages } from '#pages/define-page.ts';
import { useStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { Status, type Tone } from '#ui/status.tsx';
import { attentionTexts as texts } from './attention-card.texts.ts';
import { attentionHeight, Card, WaitingCard } from './card.tsx';
import styles from './home.module.css';
import type { LazyData } from './lazy-data.ts';

type Checks = Readiness['checks'];
type Entry = Omit<Attention, 'count'> & { count?: number };

const tones: Record<Attention['urgency'], Tone> = {
  broken: 'bad',
  stuck: 'warning',
  waiting: 'neutral',
  notice: 'neutral',
};

/** What the checks found; the migrations have an entry of their own. */
const ofChecks = (checks: Checks): Entry[] =>
  checks
    .filter(({ name, status }) => status === 'failed' || (status === 'degraded' && name !== 'migrations'))
    .map(({ status, detail }) => ({
      urgency: status === 'failed' ? ('broken' as const) : ('stuck' as const),
      text: status === 'failed' ? texts.willFail(detail) : detail,
      to: '#health',
      action: texts.showChecks,
    }))
    // During an outage of the database all checks have the same detail.
    .filter(({ text }, index, all) => all.findIndex((one) => one.text === text) === index);

function ofRejections({ rejected, midnight }: LazyData): Entry[] {
  const count = rejected.status === 'fulfilled' ? (rejected.value.data.pagination.total ?? 0) : 0;
  if (count === 0) return [];
  const to = `/media?rejection_status=rejected&changed_at_min=${encodeURIComponent(midnight)}`;
  return [{ urgency: 'notice', count, text: texts.rejected(count), to, action: texts.showRejected }];
}

/** What waits, by page. */
function useAllAttention(pages: readonly Page[]) {
  const queries = useStore(attentionQueries);
  const known = pages.flatMap((page) => {
    const query = queries.get(page.path);
    return query ? [{ page, query }] : [];
  });
  const results = useQueries({ queries: known.map(({ query }) => query) }, queryClient);
  return known.map(({ page }, index) => ({
    page,
    entries: results[index]?.data,
    error: results[index]?.error ?? null,
  }));
}

/** What waits for a person, over all pages: the most urgent first, then the most numerous. */
export function AttentionCard({ lazyData, checks }: { lazyData: Promise<LazyData>; checks: Checks }) {
  const { pages } = usePages();
  useEffect(() => loadAttention(pages), [pages]);
  useEffect(retryAttention, [lazyData]);
  const found = useAllAttention(pages);
  const loaded = use(lazyData);
  const entries = [
    ...found.flatMap((page) => page.entries ?? []),
    ...ofChecks(checks),
    ...ofRejections(loaded),
  ].toSorted(
    (left: Entry, right: Entry) =>
      urgencies.indexOf(left.urgency) - urgencies.indexOf(right.urgency) || (right.count ?? 1) - (left.count ?? 1),
  );
  const failures = [
    ...found.flatMap(({ page, entries, error }) =>
      error && !(entries && isOutage(error)) ? [{ what: page.name, error: error as unknown }] : [],
    ),
    ...(loaded.rejected.status === 'rejected'
      ? [{ what: texts.rejections, error: loaded.rejected.reason as unknown }]
      : []),
  ];
  const isKnown = found.length > 0 && found.every(({ entries, error }) => entries !== undefined || error !== null);
  // All at once, so that nothing moves under the pointer.
  if (!isKnown) return <WaitingCard id="attention" height={attentionHeight} />;
  return (
    <Card id="attention">
      {entries.length === 0 && failures.length === 0 && <Status tone="good">{texts.nothing}</Status>}
      <ol className={styles.attention}>
        {entries.map(({ urgency, count, text, to, action }) => (
          <li key={`${to} ${text}`} data-urgency={urgency}>
            <Status tone={tones[urgency]}>
              <span className={styles.urgency}>{texts.urgencies[urgency]}</span>
            </Status>
            <span>
              {count !== undefined && (
                <Fragment>
                  <Link to={to}>{formatInteger(count)}</Link>{' '}
                </Fragment>
              )}
              {text}
            </span>
            <Button component={Link} to={to} className={styles.act as string} size="compact-sm" variant="default">
              {action}
            </Button>
          </li>
        ))}
      </ol>
      {failures.map(({ what, error }) => (
        <LoadFailure key={what} what={what} error={error} />
      ))}
    </Card>
  );
}
