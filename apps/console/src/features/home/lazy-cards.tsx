import { use } from 'react';
import { Link } from 'react-router';
import { ActivityList } from '#activity-log/activity-list.tsx';
import { activityTexts } from '#activity-log/texts.ts';
import { Part } from '#ui/load-failure.tsx';
import { Card } from './card.tsx';
import { LabelDays } from './label-days.tsx';
import { lazyCardsTexts } from './lazy-cards.texts.ts';
import type { LazyData } from './lazy-data.ts';
import { Pipeline, Predictions } from './pipeline.tsx';

export { AttentionCard } from './attention-card.tsx';
export { WhatsNew } from './whats-new.tsx';

const { what } = lazyCardsTexts;

/** Labels per day, and the backlog. */
export function DaysCard({ lazyData }: { lazyData: Promise<LazyData> }) {
  const { days } = use(lazyData);
  return (
    <Card id="days">
      <Part result={days} what={what.days}>
        {(list) => <LabelDays days={list.data.data} />}
      </Part>
    </Card>
  );
}

/** Items by pipeline status. */
export function PipelineCard({ lazyData }: { lazyData: Promise<LazyData> }) {
  const { media } = use(lazyData);
  return (
    <Card id="pipeline">
      <Part result={media} what={what.media}>
        {(counts) => <Pipeline stats={counts.data} />}
      </Part>
    </Card>
  );
}

/** The confusion matrix and the recent activity. */
export function RecentCards({ lazyData }: { lazyData: Promise<LazyData> }) {
  const { evaluation, activity } = use(lazyData);
  return (
    <>
      <Card id="predictions">
        <Part result={evaluation} what={what.matrix}>
          {(figures) => <Predictions {...figures} />}
        </Part>
      </Card>
      <Card id="activity">
        <Part result={activity} what={what.activity}>
          {(named) =>
            named.rows.length === 0 ? (
              <p>{activityTexts.nothing}</p>
            ) : (
              <>
                <ActivityList activity={named} />
                <p>
                  <Link to="/activity?day=today">{activityTexts.today}</Link>
                  {' · '}
                  <Link to="/activity">{activityTexts.all}</Link>
                </p>
              </>
            )
          }
        </Part>
      </Card>
    </>
  );
}
