import type { TrainingSession } from '@at/contracts/labels';
import type { TrainingStats } from '@at/contracts/training';
import { Button } from '@mantine/core';
import { Fragment } from 'react';
import { Link } from 'react-router';
import { useKnownBacklog } from '#titles/known-backlog.ts';
import { titleList as all } from '#titles/title-address.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatDuration, formatInteger, none } from '#ui/format.ts';
import { known } from '#ui/known-word.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import styles from './home.module.css';
import { homeTexts } from './texts.ts';

/** The backlog, the labels, and the speed of the last session. */

const { backlog: texts, labels: labelNames, session: sessionTexts } = homeTexts;
const nameOf = (type: string, count: number) => known(texts.types, type)?.[count === 1 ? 0 : 1] ?? type;

export function Backlog({ stats: { unreviewed } }: { stats: TrainingStats }) {
  const { movie, ...rest } = unreviewed.media_type;
  // The number that the navigation and Training show.
  const movies = useKnownBacklog() ?? movie;
  const others = Object.entries(rest).flatMap(([type, count]) => (count > 0 ? [{ type, count }] : []));
  const waiting = movies + others.reduce((sum, { count }) => sum + count, 0);
  if (waiting === 0) return <Status tone="good">{texts.cleared}</Status>;
  return (
    <>
      <p className={styles.figure}>
        <Link to="/training">{formatInteger(movies)}</Link> {nameOf('movie', movies)} {texts.toReview}
      </p>
      {movies > 0 && <Unlabelled movies={movies} unlabelled={unreviewed.media_type_unlabelled.movie} />}
      {others.length > 0 && (
        <p>
          {texts.also}{' '}
          {others.map(({ type, count }, index) => (
            <Fragment key={type}>
              {index > 0 && ', '}
              <Link to={`/training?media_type=${encodeURIComponent(type)}`}>{formatInteger(count)}</Link>{' '}
              {nameOf(type, count)}
            </Fragment>
          ))}
        </p>
      )}
      <p>
        {waiting === 1 ? texts.itWasAdded : movies > 0 ? texts.oldestMovie : texts.oldest}{' '}
        {movies > 0 ? (
          <RelativeTime at={unreviewed.media_type_oldest_created_at.movie} to="/training?order=waiting" />
        ) : (
          <RelativeTime at={unreviewed.oldest_created_at} to="/training?media_type=all&order=waiting" />
        )}
        .
      </p>
      {movies > 0 && (
        <Button component={Link} to="/training" className={styles.action} size="xs" variant="default">
          {texts.review}
        </Button>
      )}
    </>
  );
}

/** How many of the movies to review have no label yet. */
function Unlabelled({ movies, unlabelled }: { movies: number; unlabelled: number }) {
  if (unlabelled === 0) return <p>{texts.allLabelled}</p>;
  if (unlabelled >= movies) return <p>{texts.allUnlabelled}</p>;
  return (
    <p>
      <Link to="/training?label=none">{formatInteger(unlabelled)}</Link> {texts.unlabelled}
    </p>
  );
}

export function Labels({ stats: { label, anomalous, total } }: { stats: TrainingStats }) {
  const { would_watch: _watch, would_not_watch: _not, none: _none, ...otherLabels } = label;
  const rows = [
    { name: labelNames.watch, count: label.would_watch, to: `${all}&label=would_watch`, kind: 'watch' },
    { name: labelNames.not, count: label.would_not_watch, to: `${all}&label=would_not_watch`, kind: 'not' },
    { name: labelNames.none, count: label.none, to: `${all}&label=none`, kind: 'none' },
    ...Object.entries(otherLabels).map(([word, count]) => ({
      name: word,
      count,
      to: `${all}&label=${encodeURIComponent(word)}`,
      kind: 'other',
    })),
  ];
  return (
    <>
      <div className={styles.shares} aria-hidden="true">
        {rows.map(({ name, kind, count }) => (
          <span key={name} data-kind={kind} style={{ flexGrow: count }} />
        ))}
      </div>
      <dl className={styles.counts}>
        {[
          ...rows,
          { name: labelNames.anomalous, count: anomalous.true, to: `${all}&anomalous=true`, kind: 'anomalous' },
          { name: labelNames.all, count: total, to: all, kind: 'all' },
        ].map(({ name, count, to, kind }) => (
          <div key={name}>
            <dt data-kind={kind}>{name}</dt>
            <dd>
              <Link to={to}>{formatInteger(count)}</Link>
            </dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>{labelNames.scope}</p>
    </>
  );
}

export function LastSession({ session }: { session: TrainingSession | undefined }) {
  if (!session) return <p>{sessionTexts.none}</p>;
  const { actor, started_at, ended_at, decisions, undone, median_decision_ms } = session;
  const decided = { decided_by: actor, decided_at_min: started_at, decided_at_max: ended_at };
  const titles = (isUndone: boolean) =>
    `${all}&${new URLSearchParams({ ...decided, decided_undone: String(isUndone) })}`;
  const to = titles(false);
  return (
    <>
      <p className={styles.figure}>
        <Link to={to}>{formatInteger(decisions)}</Link> {sessionTexts.decisions(decisions)}
        {undone > 0 && (
          <>
            {sessionTexts.and} <Link to={titles(true)}>{formatInteger(undone)}</Link> {sessionTexts.undone}
          </>
        )}
      </p>
      <Facts look="plain" className={styles.facts}>
        <Fact name={sessionTexts.median}>
          {median_decision_ms === null ? none : <Link to={to}>{formatDuration(median_decision_ms)}</Link>}
        </Fact>
        <Fact name={sessionTexts.last}>
          <RelativeTime at={ended_at} to={to} />
        </Fact>
        <Fact name={sessionTexts.duration}>
          <Link to={to}>{formatDuration(Date.parse(ended_at) - Date.parse(started_at))}</Link>
        </Fact>
        <Fact name={sessionTexts.by}>{actor}</Fact>
      </Facts>
    </>
  );
}
