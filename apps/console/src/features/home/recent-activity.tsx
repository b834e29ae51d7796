import { Link } from 'react-router';
import { Moment } from '#shared/moment.tsx';
import { homeFurtherTexts } from '#shared/texts/home-further.ts';
import { actorOf, tell } from './activity.ts';
import type { NamedActivity } from './further.ts';
import styles from './home.module.css';

const texts = homeFurtherTexts.activity;

/** Who did what, newest first; each entry leads to what it was done to. */
export function RecentActivity({ activity: { rows, names } }: { activity: NamedActivity }) {
  if (rows.length === 0) return <p>{texts.nothing}</p>;
  return (
    <ol className={styles.activity}>
      {rows.map((row) => {
        const { before, id, others, after, to } = tell(row);
        const name = id && (names.get(id) ?? id);
        return (
          // Nothing that happened within one statement happens twice to the same title.
          <li key={`${row.at} ${row.type} ${id} ${row.label?.event_id}`}>
            <span>
              <b title={row.actor_verified ? undefined : texts.unverified}>
                <bdi>{actorOf(row)}</bdi>
              </b>{' '}
              {before}{' '}
              <Link to={to}>
                <bdi>{name ?? others}</bdi>
              </Link>
              {[name && others, after, row.label?.undone_by != null && `(${texts.undone})`]
                .filter(Boolean)
                .map((words) => ` ${words}`)}
            </span>
            <Moment at={row.at} />
          </li>
        );
      })}
    </ol>
  );
}
