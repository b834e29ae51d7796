import { use } from 'react';
import { Link } from 'react-router';
import { ActivityList } from '#activity-log/activity-list.tsx';
import { activityTexts } from '#activity-log/texts.ts';
import { Part } from '#ui/load-failure.tsx';
import { Card } from './card.tsx';
import { lazyCardsTexts } from './lazy-cards.texts.ts';
import type { LazyData } from './lazy-data.ts';
import { Errors, Pipeline, Predictions, Rejected } from './pipeline.tsx';

const { what } = lazyCardsTexts;

/** Items in error, and rejections. */
export function AttentionCard({ lazyData }: { lazyData: Promise<LazyData> }) {
  const { midnight, media, rejected } = use(lazyData);
  return (
    <Card id="attention">
      <Part result={media} what={what.media}>
        {(counts) => <Errors stats={counts.data} />}
      </Part>
      <Part result={rejected} what={what.rejected}>
        {(list) => <Rejected count={list.data.pagination.total ?? 0} midnight={midnight} />}
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
          {(reply) => <Predictions evaluation={reply.data} />}
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
