import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Button, Text } from '@mantine/core';
import { IconFlag, IconFlagFilled, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import type { Column } from '#shared/columns.tsx';
import { Countries } from '#shared/country.tsx';
import { density } from '#shared/density.ts';
import { formatDecimal, formatLanguage, formatRuntime, formatWord } from '#shared/format.ts';
import { Genres } from '#shared/genre.tsx';
import { AnomalousMark, LabelMark, ProbabilityMark } from '#shared/marks.tsx';
import { meta } from '#shared/meta.ts';
import { Moment } from '#shared/moment.tsx';
import { Radar } from '#shared/radar.tsx';
import type { RowSelection } from '#shared/selection.ts';
import { SelectRow } from '#shared/selection-bar.tsx';
import { useRefusal } from '#shared/session.ts';
import { useStore } from '#shared/store.ts';
import { titleTexts } from '#shared/texts/titles.ts';
import { trainingListTexts } from '#shared/texts/training-list.ts';
import { answerRow, toggleRowAnomalous } from '#shared/title-changes.ts';
import { TitleDetails } from '#shared/title-details.tsx';
import styles from './title-list.module.css';

const names = trainingListTexts.columns;
export type TitleColumn = keyof typeof names;

/** Shown when they are asked for: the details have them too. */
const extra: TitleColumn[] = ['language', 'imdb_rating', 'imdb_id', 'added'];

/** What can be shown of a title beside its name, its label and its buttons. */
export const titleColumns: readonly Column<TitleColumn>[] = (Object.keys(names) as TitleColumn[]).map((id) => ({
  id,
  name: names[id],
  extra: extra.includes(id),
}));

function AnswerButton({
  title,
  label,
  chosen,
  refusal,
}: {
  title: TrainingRow;
  label: Label;
  chosen: boolean;
  refusal: string | null;
}) {
  const Icon = label === 'would_watch' ? IconThumbUp : IconThumbDown;
  const said = label === 'would_watch' ? 'Would' : 'Would not';
  const files = useStore(meta)?.configured.files === true && label === 'would_not_watch';
  const act = files ? `${formatWord(label)}, ${trainingListTexts.andFiles}` : formatWord(label);
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={refusal !== null}
      className={(label === 'would_watch' ? styles.watch : styles.not) ?? ''}
      data-chosen={chosen || undefined}
      aria-pressed={chosen}
      aria-label={`${act}: ${title.media_title}`}
      title={refusal ?? (files ? act : undefined)}
      leftSection={<Icon size={16} />}
      onClick={() => answerRow(title, label)}
    >
      {said}
    </Button>
  );
}

/** Radars of a whole page line up; in compact rows they are what decides the height. */
const radarSizes = { comfortable: 60, compact: 44 } as const;

/** A title with its own buttons. */
export function TitleListRow({
  title,
  shows,
  selection,
  selected,
  opened,
  pulsing,
  onSelect,
  onToggle,
}: {
  title: TrainingRow;
  shows: (column: TitleColumn) => boolean;
  selection: RowSelection;
  /** The one that keys act on. */
  selected: boolean;
  opened: boolean;
  /** It has just been changed by somebody else. */
  pulsing: boolean;
  onSelect: () => void;
  onToggle: () => void;
}) {
  const size = radarSizes[useStore(density)];
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const refusal = useRefusal('operator');
  const human = title.human_labeled && title.reviewed === true;
  return (
    <li
      ref={element}
      className={styles.row}
      data-selected={selected || undefined}
      data-pulsing={pulsing || undefined}
      data-imdb-id={title.imdb_id}
      aria-current={selected || undefined}
      onFocus={onSelect}
      onPointerDown={onSelect}
    >
      <SelectRow selection={selection} id={title.imdb_id} name={title.media_title} />
      {shows('ratings') && <Radar title={title} size={size} />}
      <div className={styles.text}>
        <h2 className={styles.name}>
          <button type="button" className={styles.open} aria-expanded={opened} onClick={onToggle}>
            <bdi>{title.media_title}</bdi>
          </button>{' '}
          <span className={styles.year}>{title.release_year}</span>
        </h2>
        <div className={styles.facts}>
          {title.media_type !== 'movie' && <span>{formatWord(title.media_type)}</span>}
          {shows('genre') && <Genres names={title.genre} />}
          {shows('countries') && title.origin_country?.length ? <Countries codes={title.origin_country} /> : null}
          {shows('language') && title.original_language && <span>{formatLanguage(title.original_language)}</span>}
          {shows('runtime') && title.runtime !== null && <span>{formatRuntime(title.runtime)}</span>}
          {shows('imdb_rating') && title.imdb_rating !== null && (
            <span>{titleTexts.imdb(formatDecimal(title.imdb_rating / 10, 1))}</span>
          )}
          {shows('imdb_id') && <span className={styles.id}>{title.imdb_id}</span>}
          {shows('added') && (
            <span>
              {titleTexts.added} <Moment at={title.created_at} />
            </span>
          )}
          {shows('updated') && (
            <span>
              {titleTexts.updated} <Moment at={title.updated_at} />
            </span>
          )}
        </div>
      </div>
      <div className={styles.marks}>
        {shows('prediction') && <ProbabilityMark probability={title.probability} prediction={title.prediction} />}
        <span className={styles.labels}>
          <LabelMark label={title.label} />
          {title.anomalous && <AnomalousMark />}
        </span>
        {shows('review') && (
          <Text size="xs" c="dimmed">
            {title.reviewed
              ? title.human_labeled
                ? titleTexts.reviewedByPerson
                : titleTexts.reviewed
              : titleTexts.unreviewed}
          </Text>
        )}
      </div>
      <div className={styles.actions}>
        <AnswerButton
          title={title}
          label="would_not_watch"
          chosen={human && title.label === 'would_not_watch'}
          refusal={refusal}
        />
        <AnswerButton
          title={title}
          label="would_watch"
          chosen={human && title.label === 'would_watch'}
          refusal={refusal}
        />
        <Button
          size="compact-sm"
          variant="default"
          disabled={refusal !== null}
          title={refusal ?? undefined}
          aria-pressed={title.anomalous}
          aria-label={`Anomalous: ${title.media_title}`}
          onClick={() => toggleRowAnomalous(title)}
        >
          {title.anomalous ? <IconFlagFilled size={16} /> : <IconFlag size={16} />}
        </Button>
      </div>
      {opened && (
        <div className={styles.details}>
          <TitleDetails title={title} historyVersion={title.updated_at} />
        </div>
      )}
    </li>
  );
}
