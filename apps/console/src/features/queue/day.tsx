import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Suspense } from 'react';
import { queryClient } from '#api/query-client.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { createPreference } from '#state/preferences.ts';
import { isBoolean, useStore } from '#state/store.ts';
import { formatDuration, formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { colors } from './colors.ts';
import { overviewTexts as texts } from './overview.texts.ts';
import { queueHistory, queueSummary } from './queries.ts';
import styles from './queue.module.css';

const HistoryCharts = lazyPart(() => import('./history-charts.tsx'), 'HistoryCharts');

const expanded = createPreference('queue-history', false, isBoolean);

/** The last 24 hours as a line and a strip; the charts open below it. */
export function Day() {
  const isExpanded = useStore(expanded);
  const { data: summary, error, refetch } = useQuery(queueSummary, queryClient);
  const history = useQuery(queueHistory, queryClient).data;
  if (error && !summary) return <LoadFailure what={texts.day} error={error} retry={refetch} />;
  if (!summary) return null;
  const { completed_24h, errors_24h, avg_processing_seconds, error_rate_24h } = summary;
  const hours = history?.hourly ?? [];
  const top = Math.max(1, ...hours.map(({ done, failed }) => done + failed));
  const isQuiet = completed_24h + errors_24h === 0;
  return (
    <section aria-label={texts.day}>
      <div className={styles.day}>
        <span>
          {texts.ofDay(
            isQuiet
              ? texts.quietDay
              : texts.dayFigures(
                  formatInteger(completed_24h),
                  formatInteger(errors_24h),
                  avg_processing_seconds === null ? null : formatDuration(avg_processing_seconds * 1000),
                  texts.percent(formatInteger(Math.round(error_rate_24h * 100))),
                ),
          )}
        </span>
        {!isQuiet && !isExpanded && (
          <span className={styles.strip} aria-hidden>
            {hours.map(({ at, done, failed }) => (
              <i key={at}>
                <b style={{ height: `${(100 * failed) / top}%`, background: colors.failed }} />
                <b style={{ height: `${(100 * done) / top}%`, background: colors.done }} />
              </i>
            ))}
          </span>
        )}
        <Button size="compact-xs" variant="subtle" aria-expanded={isExpanded} onClick={() => expanded.set(!isExpanded)}>
          {isExpanded ? texts.hideHistory : texts.showHistory}
        </Button>
      </div>
      <Suspense>{isExpanded && history && <HistoryCharts history={history} />}</Suspense>
    </section>
  );
}
