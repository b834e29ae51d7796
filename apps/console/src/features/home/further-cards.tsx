import { use } from 'react';
import { Link } from 'react-router';
import { ActivityList } from '#activity-log/activity-list.tsx';
import { activityTexts } from '#activity-log/texts.ts';
import { Part } from '#ui/load-failure.tsx';
import { Card } from './card.tsx';
import { homeFurtherTexts } from './further.texts.ts';
import type { Further } from './further.ts';
import { Errors, Pipeline, Predictions, Rejected } from './pipeline.tsx';

const { what } = homeFurtherTexts;

/** Items in error, and rejections. */
export function AttentionCard({ further }: { further: Promise<Further> }) {
  const { midnight, media, rejected } = use(further);
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
export function PipelineCard({ further }: { further: Promise<Further> }) {
  const { media } = use(further);
  return (
    <Card id="pipeline">
      <Part result={media} what={what.media}>
        {(counts) => <Pipeline stats={counts.data} />}
      </Part>
    </Card>
  );
}

/** The confusion matrix and the recent activity. */
export function RecentCards({ further }: { further: Promise<Further> }) {
  const { evaluation, activity } = use(further);
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
