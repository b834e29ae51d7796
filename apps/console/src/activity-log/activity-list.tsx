import { Link } from 'react-router';
import { describeValue, flagNames } from '#titles/title-history.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { uiTexts } from '#ui/texts.ts';
import styles from './activity-list.module.css';
import { actorOf, describeActivity, type NamedActivity, withoutRepeats } from './describe-activity.ts';
import { activityTexts as texts } from './texts.ts';

/** Changes by user, newest first; each entry links to what it changed. `detailed` shows the changed flags. */
export function ActivityList({
  activity: { rows, names },
  detailed = false,
}: {
  activity: NamedActivity;
  detailed?: boolean;
}) {
  return (
    <ol className={styles.list}>
      {withoutRepeats(rows).map((entry) => {
        const { row } = entry;
        const { before, id, others, after, to, othersTo } = describeActivity(entry);
        const name = id && (names.get(id) ?? id);
        const { label, operation_id } = row;
        return (
          // One statement changes a title at most once.
          <li key={`${row.at} ${row.type} ${id} ${label?.event_id}`}>
            <span>
              <b title={row.actor_verified ? undefined : texts.unverified}>
                <bdi>{actorOf(row)}</bdi>
              </b>{' '}
              {before}{' '}
              <Link to={to}>
                <bdi>{name ?? others}</bdi>
              </Link>
              {name && others && (
                <>
                  {' '}
                  <Link to={othersTo}>{others}</Link>
                </>
              )}
              {[after, label?.undone_by != null && `(${texts.undone})`].filter(Boolean).map((text) => ` ${text}`)}
              {operation_id !== null && (
                <>
                  {', '}
                  <Link to={`/activity/${operation_id}?tab=operations`}>{texts.inBulk}</Link>
                </>
              )}
              {detailed && label && (
                <span className={styles.changes}>
                  {label.changes
                    .map(({ field, from, to }) =>
                      uiTexts.change(flagNames[field], describeValue(field, from), describeValue(field, to)),
                    )
                    .join('; ')}
                </span>
              )}
            </span>
            <RelativeTime at={row.at} />
          </li>
        );
      })}
    </ol>
  );
}
