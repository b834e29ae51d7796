import type { RunDetails } from '@at/contracts/runs';
import type { MetadataOutput } from '@at/contracts/training';
import { Link } from 'react-router';
import { titleAddress } from '#titles/title-address.ts';
import { shownValue } from '#ui/describe-changes.ts';
import { formatName } from '#ui/format.ts';
import { Json } from '#ui/json.tsx';
import { uiTexts } from '#ui/texts.ts';
import { nameKey, type SubjectNames } from './name-subjects.ts';
import styles from './runs.module.css';
import { runsTexts as texts } from './texts.ts';

/** The output of a refresh of metadata; undefined: it is another one, or there is none. */
const metadataOf = (task: string, output: unknown): MetadataOutput | undefined =>
  task === 'training.rerun_metadata' && Array.isArray((output as Partial<MetadataOutput> | null)?.titles)
    ? (output as MetadataOutput)
    : undefined;

/** The titles that an output names. */
export const outputTitles = (task: string, output: unknown): string[] =>
  metadataOf(task, output)?.titles.map(({ imdb_id }) => imdb_id) ?? [];

function Titles({ titles, names }: { titles: MetadataOutput['titles']; names: SubjectNames }) {
  return (
    <ol className={styles.titles} aria-label={texts.titles}>
      {titles.map(({ imdb_id, changes, notes }) => (
        <li key={imdb_id}>
          <Link to={titleAddress(imdb_id)}>
            <bdi>{names.get(nameKey('title', imdb_id)) ?? imdb_id}</bdi>
          </Link>
          {changes.map(({ column, from, to }) => (
            <p key={column}>{uiTexts.change(formatName(column), shownValue(from, column), shownValue(to, column))}</p>
          ))}
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
        </li>
      ))}
    </ol>
  );
}

/** What a run was started with, and what came of it. */
export function RunData({ run, names }: { run: RunDetails; names: SubjectNames }) {
  return (
    <>
      {run.steps.map(({ id, output }) => {
        const { titles = [] } = metadataOf(run.task, output) ?? {};
        return titles.length > 0 && <Titles key={id} titles={titles} names={names} />;
      })}
      <Json name={texts.input} value={run.params} />
      {run.steps.map(({ id, output }) => output !== null && <Json key={id} name={texts.output} value={output} />)}
    </>
  );
}
