import { undoLabel } from '@at/contracts/labels';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRefusal } from '#api/session.ts';
import { describeValue, flagNames } from '#titles/title-history.ts';
import { Actor } from '#ui/actor.tsx';
import { columnName, shownValue } from '#ui/describe-changes.ts';
import { once } from '#ui/double-clicks.ts';
import { formatClock, formatInteger, formatTotal } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { uiTexts } from '#ui/texts.ts';
import styles from './activity-list.module.css';
import {
  actorOf,
  countItems,
  describeActivity,
  type Entry,
  type NamedActivity,
  withoutRepeats,
} from './describe-activity.ts';
import { FileAct } from './file-act.tsx';
import { sessionsOf } from './sessions.ts';
import { activityTexts as texts } from './texts.ts';
import { undoActivity } from './undo-activity.ts';

/** Changes by user, newest first; each entry links to what it changed. */
export function ActivityList({ activity: { rows, names } }: { activity: NamedActivity }) {
  return (
    <ol className={styles.list}>
      {withoutRepeats(rows).map((entry) => (
        <li key={keyOf(entry)}>
          <span>
            <Actor name={actorOf(entry.row)} verified={entry.row.actor_verified} />{' '}
            <Change entry={entry} names={names} />
            {(entry.row.label ?? entry.row.media)?.undoes != null && <Values entry={entry} />}
          </span>
          <RelativeTime at={entry.row.at} />
        </li>
      ))}
    </ol>
  );
}

/** The same by session, with old and new values, and the undo of what can be undone. `onUndone`: the list has changed. */
export function ActivitySessions({
  activity: { rows, names },
  onUndone,
}: {
  activity: NamedActivity;
  onUndone: () => void;
}) {
  return (
    <ol className={styles.sessions}>
      {sessionsOf(rows).map(({ entries }) => {
        const [latest, first] = [entries[0] as Entry, entries.at(-1) as Entry];
        const [from, to] = [formatClock(first.row.at), formatClock(latest.row.at)];
        const count = countItems(entries);
        return (
          <li key={keyOf(latest)}>
            <h2 className={styles.head}>
              <Actor name={actorOf(latest.row)} verified={latest.row.actor_verified} />
              <span>
                {from !== to && texts.span(from, to)}{' '}
                {texts.items(count.items, formatTotal(count.items, count.isLeast))}
              </span>
              <RelativeTime at={latest.row.at} />
            </h2>
            <ol className={styles.list}>
              {entries.map((entry) => (
                <li key={keyOf(entry)}>
                  <span>
                    <Change entry={entry} names={names} />
                    <Values entry={entry} />
                  </span>
                  <span className={styles.side}>
                    <Undo entry={entry} names={names} onUndone={onUndone} />
                    <RelativeTime at={entry.row.at} />
                  </span>
                </li>
              ))}
            </ol>
          </li>
        );
      })}
    </ol>
  );
}

// One statement changes a title at most once.
const keyOf = ({ row }: Entry) =>
  `${row.at} ${row.type} ${row.imdb_ids?.[0]} ${row.hashes?.[0]} ${(row.label ?? row.media)?.event_id} ${row.file?.action} ${row.file?.item_id ?? row.file?.run_id}`;

function Change({ entry, names }: { entry: Entry; names: NamedActivity['names'] }) {
  const { row, repeats } = entry;
  if (entry.files) return <FileAct files={entry.files} />;
  const { before, id, others, after, to, othersTo } = describeActivity(entry);
  const name = id && (names.get(id) ?? id);
  // Of several rows of a bulk change, one may be undone alone.
  const isUndone = row.taken_back_by !== null || (repeats === 0 && (row.label ?? row.media)?.undone_by != null);
  return (
    <>
      {before}{' '}
      {name ? (
        <Link to={to}>
          <bdi>{name}</bdi>
        </Link>
      ) : (
        others
      )}
      {name && others && (
        <>
          {' '}
          <Link to={othersTo}>{others}</Link>
        </>
      )}
      {[after, isUndone && `(${texts.undone})`].filter(Boolean).map((text) => ` ${text}`)}
      {row.operation_id !== null && (
        <>
          {', '}
          <Link to={`/activity/${row.operation_id}?tab=operations`}>{texts.inBulk}</Link>
        </>
      )}
    </>
  );
}

/** The old and new values of one change. */
function Values({ entry: { row, repeats } }: { entry: Entry }) {
  if (repeats > 0) return null;
  const lines = [
    ...(row.label?.changes ?? []).map(({ field, from, to }) =>
      uiTexts.change(flagNames[field], describeValue(field, from), describeValue(field, to)),
    ),
    ...(row.media?.changes ?? []).map(({ field, from, to }) =>
      uiTexts.change(columnName(field), shownValue(from, field), shownValue(to, field)),
    ),
  ];
  return <span className={styles.changes}>{lines.join('; ')}</span>;
}

const nameOf = (id: string | null, names: NamedActivity['names']) => (id && names.get(id)) ?? id ?? '';
const countedFiles = (count: number) => texts.countOfFiles(count, formatInteger(count));

/** Undoes one change, or the moves of a run; nothing where it is not the latest of its row, or part of a bulk change, which has an undo of its own. */
function Undo({ entry, names, onUndone }: { entry: Entry; names: NamedActivity['names']; onUndone: () => void }) {
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal(undoLabel.config.role);
  const { row, repeats } = entry;
  const { file } = row;
  const isOfFile = file?.undo === 'possible';
  if (!isOfFile && (!(row.label ?? row.media)?.undoable || repeats > 0)) return null;
  const name = isOfFile ? (file.name ?? countedFiles(file.count ?? 0)) : nameOf(describeActivity(entry).id, names);
  const undo = async () => {
    setBusy(true);
    await undoActivity(row, name);
    setBusy(false);
    onUndone();
  };
  return (
    <Button
      size="compact-xs"
      variant="default"
      {...once}
      loading={isBusy}
      disabled={refusal !== null}
      title={refusal ?? undefined}
      aria-label={texts.undoOf(name)}
      onClick={() => void undo()}
    >
      {texts.undo}
    </Button>
  );
}
