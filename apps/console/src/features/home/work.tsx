import type { TrainingSession } from '@at/contracts/label';
import type { TrainingStats } from '@at/contracts/training';
import { type MediaType, mediaTypes } from '@at/contracts/vocabulary';
import { Button } from '@mantine/core';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { formatDuration, formatInteger, none } from '#shared/format.ts';
import { Moment } from '#shared/moment.tsx';
import { StateMark } from '#shared/state-mark.tsx';
import styles from './home.module.css';

/** The work: what waits for a review, what has been decided, and how fast it went. */

const typeNames: Record<MediaType, [one: string, many: string]> = {
  movie: ['movie', 'movies'],
  tv_show: ['TV show', 'TV shows'],
  tv_season: ['TV season', 'TV seasons'],
  tv_episode_pack: ['episode pack', 'episode packs'],
  unknown: ['title of unknown type', 'titles of unknown type'],
};
const nameOf = (type: MediaType, count: number) => typeNames[type][count === 1 ? 0 : 1];

export function Backlog({ stats: { unreviewed } }: { stats: TrainingStats }) {
  const { movie: movies, ...rest } = unreviewed.media_type;
  const others = mediaTypes.flatMap((type) =>
    type !== 'movie' && rest[type] > 0 ? [{ type, count: rest[type] }] : [],
  );
  const waiting = movies + others.reduce((sum, { count }) => sum + count, 0);
  if (waiting === 0) return <StateMark tone="good">Backlog cleared</StateMark>;
  return (
    <>
      <p className={styles.figure}>
        <Link to="/training">{formatInteger(movies)}</Link> {nameOf('movie', movies)} to review
      </p>
      {others.length > 0 && (
        <p>
          Also:{' '}
          {others.map(({ type, count }, index) => (
            <Fragment key={type}>
              {index > 0 && ', '}
              <Link to={`/training?media_type=${type}`}>{formatInteger(count)}</Link> {nameOf(type, count)}
            </Fragment>
          ))}
        </p>
      )}
      <p>
        {waiting === 1 ? 'It was added ' : `The oldest ${movies > 0 ? 'movie' : 'of them'} was added `}
        <Moment at={movies > 0 ? unreviewed.media_type_oldest_created_at.movie : unreviewed.oldest_created_at} />.
      </p>
      {movies > 0 && (
        <Button component={Link} to="/training" className={styles.action} size="xs" variant="default">
          Review them
        </Button>
      )}
    </>
  );
}

export function Labels({ stats: { label, anomalous, total } }: { stats: TrainingStats }) {
  const all = '/training?view=list&media_type=all&reviewed=all';
  const rows = [
    { name: 'would watch', count: label.would_watch, to: `${all}&label=would_watch`, kind: 'watch' },
    { name: 'would not watch', count: label.would_not_watch, to: `${all}&label=would_not_watch`, kind: 'not' },
    { name: 'unlabelled', count: label.none, to: `${all}&label=none`, kind: 'none' },
  ];
  return (
    <>
      <div className={styles.shares} aria-hidden="true">
        {rows.map(({ kind, count }) => (
          <span key={kind} data-kind={kind} style={{ flexGrow: count }} />
        ))}
      </div>
      <dl className={styles.counts}>
        {[
          ...rows,
          { name: 'anomalous', count: anomalous.true, to: `${all}&anomalous=true`, kind: 'anomalous' },
          { name: 'titles in all', count: total, to: all, kind: 'all' },
        ].map(({ name, count, to, kind }) => (
          <div key={name}>
            <dt data-kind={kind}>{name}</dt>
            <dd>
              <Link to={to}>{formatInteger(count)}</Link>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );
}

export function LastSession({ session }: { session: TrainingSession | undefined }) {
  if (!session) return <p>Nobody has labelled anything here in the last 90 days.</p>;
  const { actor, started_at, ended_at, decisions, undone, labels_per_hour, median_decision_ms } = session;
  return (
    <>
      <p className={styles.figure}>
        {labels_per_hour === null ? (
          <>
            <b>{formatInteger(decisions)}</b> {decisions === 1 ? 'label' : 'labels'}
          </>
        ) : (
          <>
            <b>{formatInteger(Math.round(labels_per_hour))}</b> labels an hour
          </>
        )}
      </p>
      <dl className={styles.facts}>
        <dt>Decisions</dt>
        <dd>
          {formatInteger(decisions)}
          {undone > 0 && `, and ${formatInteger(undone)} undone`}
        </dd>
        <dt>Each took</dt>
        <dd>{median_decision_ms === null ? none : `${formatDuration(median_decision_ms)} (median)`}</dd>
        <dt>Ended</dt>
        <dd>
          <Moment at={ended_at} /> after {formatDuration(Date.parse(ended_at) - Date.parse(started_at))}
        </dd>
        <dt>By</dt>
        <dd>{actor}</dd>
      </dl>
    </>
  );
}
