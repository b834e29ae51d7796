import type { Activity } from '@at/contracts/activity';
import { Link } from 'react-router';
import { formatInteger } from '#ui/format.ts';
import { activityTexts as texts } from './texts.ts';

/** How many files an entry names at most. */
const mostNamed = 5;

const isMove: ReadonlySet<string> = new Set(['moved', 'copied', 'moved-back']);

/** What was done with files or a run, with a link to each. */
export function FileAct({ files }: { files: Activity[] }) {
  const acts = files.flatMap(({ file }) => file ?? []);
  const [act] = acts;
  if (!act) return null;
  const { action, item_id, name, run_id, count, error } = act;
  const file = item_id === null && name !== null && <bdi>{name}</bdi>;
  const [before, after] = texts.files[action];
  const named = [...new Map(acts.map((one) => [one.item_id, one])).values()].filter(({ item_id }) => item_id !== null);
  const more = named.length - mostNamed;
  return (
    <>
      {before} {named.length > 1 && `${texts.countOfFiles(named.length, formatInteger(named.length))} `}
      {named.length > 1 && after && `${after} `}
      {named.length > 1 && '('}
      {named.slice(0, mostNamed).map(({ item_id, name }, i) => (
        <span key={item_id}>
          {i > 0 && ', '}
          {action === 'delete' || action === 'delete-file' ? (
            <bdi>{name}</bdi>
          ) : (
            <Link to={`/queue/${item_id}`}>
              <bdi>{name}</bdi>
            </Link>
          )}
        </span>
      ))}
      {more > 0 && ` ${texts.others(more, formatInteger(more))}`}
      {named.length > 1 ? ')' : !file && after && ` ${after}`}
      {named.length === 0 && run_id !== null && (
        <Link to={`/runs/${run_id}`}>
          {file || (count === null ? texts.run : texts.countOfFiles(count, formatInteger(count)))}
        </Link>
      )}
      {run_id === null && file}
      {named.length === 0 && run_id === null && count !== null && (
        <Link to="/runs">{texts.countOfRuns(count, formatInteger(count))}</Link>
      )}
      {file && after && ` ${after}`}
      {named.length === 1 && error && `: ${error}`}
      {named.length === 0 && isMove.has(action) && ` ${texts.movedBy[act.task ?? ''] ?? ''}`.trimEnd()}
      {act.undo === 'done' && ` (${texts.undone})`}
    </>
  );
}
