import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconFlag, IconFlagFilled, IconRefresh, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Column } from '#lists/columns.tsx';
import { formatDecimal, formatLanguage, formatRuntime, formatWord } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Countries } from './country.tsx';
import { Genres } from './genre.tsx';
import { refreshMetadataTexts } from './refresh-metadata.texts.ts';
import { refreshMetadata, useRefreshingMetadata } from './refresh-metadata.ts';
import { titleTexts } from './texts.ts';
import { toggleRowAnomalous } from './title-changes.ts';
import styles from './title-row.module.css';
import { titleListTexts as texts } from './title-row.texts.ts';

/** What the rows of lists of titles have in common. */

export type TitleColumn = keyof typeof texts.columns;

/** What a list can show of a title beside its name, its label and its buttons; the details have all of it. */
export function titleColumns(usual: readonly TitleColumn[], extra: readonly TitleColumn[]): Column<TitleColumn>[] {
  return (Object.keys(texts.columns) as TitleColumn[])
    .filter((id) => usual.includes(id) || extra.includes(id))
    .map((id) => ({ id, name: texts.columns[id], extra: extra.includes(id) }));
}

/** The name, which opens the details, and below it the facts that are to be shown. */
export function TitleText({
  title,
  shows,
  opened,
  onToggle,
}: {
  title: TrainingRow;
  shows: (column: TitleColumn) => boolean;
  opened: boolean;
  onToggle: () => void;
}) {
  return (
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
            {titleTexts.added} <RelativeTime at={title.created_at} />
          </span>
        )}
        {shows('updated') && (
          <span>
            {titleTexts.updated} <RelativeTime at={title.updated_at} />
          </span>
        )}
      </div>
    </div>
  );
}

/** Whether the label is confirmed, and by whom. */
export function Reviewed({ title: { reviewed, human_labeled } }: { title: TrainingRow }) {
  const words = !reviewed ? titleTexts.unreviewed : human_labeled ? titleTexts.reviewedByPerson : titleTexts.reviewed;
  return <span className={styles.reviewed}>{words}</span>;
}

/** The button of a label, filled where it is the one that stands. */
export function LabelButton({
  label,
  chosen,
  name,
  hint,
  icon,
  refusal,
  onClick,
}: {
  label: Label;
  chosen: boolean;
  /** What it does, to what, for who listens. */
  name: string;
  hint?: string | undefined;
  /** Instead of the label's own. */
  icon?: ReactNode;
  refusal: string | null;
  onClick: () => void;
}) {
  const Icon = label === 'would_watch' ? IconThumbUp : IconThumbDown;
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={refusal !== null}
      title={refusal ?? hint}
      className={styles.label ?? ''}
      data-label={label}
      data-chosen={chosen || undefined}
      aria-pressed={chosen}
      aria-label={name}
      leftSection={icon ?? <Icon size={16} />}
      onClick={onClick}
    >
      {label === 'would_watch' ? texts.would : texts.wouldNot}
    </Button>
  );
}

type ButtonProps = { title: TrainingRow; refusal: string | null };

/** Filled while the title is marked. */
export function AnomalousButton({ title, refusal }: ButtonProps) {
  return (
    <ActionIcon
      variant="default"
      size={26}
      disabled={refusal !== null}
      title={refusal ?? undefined}
      className={styles.anomalous ?? ''}
      data-chosen={title.anomalous || undefined}
      aria-pressed={title.anomalous}
      aria-label={texts.toggleAnomalous(title.media_title)}
      onClick={() => toggleRowAnomalous(title)}
    >
      {title.anomalous ? <IconFlagFilled size={15} /> : <IconFlag size={15} />}
    </ActionIcon>
  );
}

/** Filled while the title waits for new metadata. */
export function RefreshMetadataButton({ title, refusal }: ButtonProps) {
  const rerunning = useRefreshingMetadata(title);
  return (
    <Tooltip label={rerunning ? refreshMetadataTexts.waiting : refreshMetadataTexts.ask} disabled={refusal !== null}>
      <ActionIcon
        variant={rerunning ? 'filled' : 'default'}
        size={26}
        disabled={refusal !== null}
        title={refusal ?? undefined}
        aria-label={refreshMetadataTexts.askFor(title.media_title)}
        aria-pressed={rerunning}
        onClick={() => void refreshMetadata(title)}
      >
        <IconRefresh size={15} />
      </ActionIcon>
    </Tooltip>
  );
}
