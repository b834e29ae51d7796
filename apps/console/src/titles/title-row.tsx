import type { TrainingRow } from '@at/contracts/training';
import { type Label, labels } from '@at/contracts/vocabulary';
import { ActionIcon, Button, Skeleton } from '@mantine/core';
import { IconFlag, IconFlagFilled, IconRefresh, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { memo, type ReactNode, Suspense, useEffect, useRef } from 'react';
import type { Column } from '#lists/columns.tsx';
import { opensByClick } from '#lists/row-click.ts';
import { SelectRow } from '#lists/selection-bar.tsx';
import { lazyPart } from '#live/lazy-part.ts';
import { density } from '#state/density.ts';
import { useStore } from '#state/store.ts';
import { once } from '#ui/double-clicks.ts';
import { formatDecimal, formatLanguage, formatRuntime, formatWord, shownName } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { textsOf } from '#ui/text-list.ts';
import { Countries } from './country.tsx';
import { Genres } from './genre.tsx';
import { AnomalousBadge, LabelBadge } from './label-badges.tsx';
import { Poster } from './poster.tsx';
import { Radar } from './radar.tsx';
import { refreshMetadataTexts } from './refresh-metadata.texts.ts';
import { refreshMetadata, useRefreshingMetadata } from './refresh-metadata.ts';
import { titleTexts } from './texts.ts';
import { toggleRowAnomalous } from './title-changes.ts';
import styles from './title-row.module.css';
import { titleListTexts as texts } from './title-row.texts.ts';

const TitleDetails = lazyPart(() => import('./title-details.tsx'), 'TitleDetails');

export type TitleColumn = keyof typeof texts.columns;

/** The optional columns of a list of titles; the details show everything. */
export function titleColumns(defaults: readonly TitleColumn[], extra: readonly TitleColumn[]): Column<TitleColumn>[] {
  return (Object.keys(texts.columns) as TitleColumn[])
    .filter((id) => defaults.includes(id) || extra.includes(id))
    .map((id) => ({ id, name: texts.columns[id], extra: extra.includes(id) }));
}

/** The name, which opens the details, and below it the chosen facts. */
function TitleText({
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
          <bdi>{shownName(title.media_title)}</bdi>
        </button>{' '}
        <span className={styles.year}>{title.release_year}</span>
      </h2>
      <div className={styles.facts}>
        {title.media_type !== 'movie' && <span>{formatWord(title.media_type)}</span>}
        {shows('genre') && <Genres names={title.genre} />}
        {shows('countries') && textsOf(title.origin_country).length > 0 && <Countries codes={title.origin_country} />}
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
function Reviewed({ title: { reviewed, human_labeled } }: { title: TrainingRow }) {
  const words = !reviewed ? titleTexts.unreviewed : human_labeled ? titleTexts.reviewedByPerson : titleTexts.reviewed;
  return <span className={styles.reviewed}>{words}</span>;
}

type ButtonProps = { title: TrainingRow; refusal: string | null };

/** What the button of a label does in a list. */
export type LabelAct = {
  /** For screen readers. */
  name: string;
  hint?: string | undefined;
  /** In place of the icon of the label. */
  icon?: ReactNode;
  onClick: () => void;
};

/** Filled if the title has the label; blind: never. */
function LabelButton({
  title,
  label,
  refusal,
  act,
  blind,
}: ButtonProps & { label: Label; act: LabelAct; blind: boolean }) {
  const Icon = label === 'would_watch' ? IconThumbUp : IconThumbDown;
  const chosen = !blind && title.label === label;
  return (
    <Button
      size="compact-sm"
      variant="default"
      disabled={refusal !== null}
      title={refusal ?? act.hint}
      className={styles.label ?? ''}
      data-label={label}
      data-chosen={chosen || undefined}
      aria-pressed={chosen}
      aria-label={act.name}
      leftSection={act.icon ?? <Icon size={16} />}
      onClick={act.onClick}
    >
      {label === 'would_watch' ? texts.would : texts.wouldNot}
    </Button>
  );
}

const unmarked = { marginInlineStart: 8 };
const marked = { ...unmarked, color: 'var(--text-anomalous)', borderColor: 'currentColor' };

/** Coloured while the title is marked. */
function AnomalousButton({ title, refusal, blind }: ButtonProps & { blind: boolean }) {
  return (
    <ActionIcon
      data-tooltip={texts.anomalousMeans(title.anomalous ?? false)}
      data-tooltip-touch
      variant="default"
      size={26}
      disabled={refusal !== null}
      title={refusal ?? undefined}
      // It does not look like an answer.
      style={title.anomalous ? marked : unmarked}
      aria-pressed={title.anomalous}
      aria-label={texts.toggleAnomalous(title.media_title)}
      onClick={() => toggleRowAnomalous(title, { blind })}
    >
      {title.anomalous ? <IconFlagFilled size={15} /> : <IconFlag size={15} />}
    </ActionIcon>
  );
}

/** Filled while the title waits for new metadata. */
function RefreshMetadataButton({ title, refusal }: ButtonProps) {
  const isRefreshing = useRefreshingMetadata(title);
  return (
    <ActionIcon
      data-tooltip={refusal ?? (isRefreshing ? refreshMetadataTexts.waiting : refreshMetadataTexts.refresh)}
      data-tooltip-touch
      variant={isRefreshing ? 'filled' : 'default'}
      size={26}
      // Not `disabled`: the reason must be reachable by keyboard.
      data-disabled={refusal !== null}
      aria-disabled={refusal !== null}
      aria-label={refreshMetadataTexts.refreshTitle(title.media_title)}
      aria-pressed={isRefreshing}
      onClick={() => refusal === null && void refreshMetadata(title)}
    >
      <IconRefresh size={15} />
    </ActionIcon>
  );
}

/** How a list differs from the others. */
export type TitleRowParts = {
  act(title: TrainingRow, label: Label): LabelAct;
  /** Before the ratings. */
  verdict?(title: TrainingRow): ReactNode;
  /** Above the label. */
  model?(title: TrainingRow): ReactNode;
  /** Above the details. */
  explanation?(title: TrainingRow): ReactNode;
};

const radarSizes = { comfortable: 56, compact: 44 } as const;

/** A title with its buttons. */
export const TitleRow = memo(function TitleRow({
  as: Row,
  title,
  shows,
  parts,
  chosen,
  selected,
  opened,
  pulsing,
  gone,
  blind = false,
  refusal,
  metadataRefusal,
  onChoose,
  onSelect,
  onToggle,
}: {
  /** An item of a list scrolls itself into view when it is selected by key. */
  as: 'li' | 'article';
  title: TrainingRow;
  shows: (column: TitleColumn) => boolean;
  parts: TitleRowParts;
  /** Selected for a change of many titles. */
  chosen: boolean;
  /** The one that keys act on. */
  selected: boolean;
  opened: boolean;
  /** Another user has just changed it. */
  pulsing: boolean;
  /** It no longer exists. */
  gone: boolean;
  /** Hides what tells the label or the prediction. */
  blind?: boolean;
  /** Why the user may not change it; null: they may. From the list, which asks once for all its rows. */
  refusal: string | null;
  /** Why new metadata cannot be requested. */
  metadataRefusal: string | null;
  onChoose: (imdbId: string, range: boolean) => void;
  onSelect: (imdbId: string) => void;
  onToggle: (imdbId: string) => void;
}) {
  const element = useRef<HTMLElement>(null);
  // A row that moves between press and release gets no click.
  const isPressed = useRef(false);
  useEffect(() => {
    if (selected && Row === 'li' && !isPressed.current) element.current?.scrollIntoView({ block: 'nearest' });
    isPressed.current = false;
  }, [selected, Row]);
  const size = radarSizes[useStore(density)];
  const select = () => onSelect(title.imdb_id);
  const button = (label: Label) => (
    <LabelButton title={title} label={label} refusal={refusal} act={parts.act(title, label)} blind={blind} />
  );
  return (
    <Row
      ref={(row: HTMLElement | null) => {
        element.current = row;
      }}
      className={styles.row}
      data-verdict={parts.verdict !== undefined || undefined}
      data-imdb-id={title.imdb_id}
      data-selected={selected || undefined}
      data-pulsing={pulsing || undefined}
      data-gone={gone || undefined}
      aria-current={selected || undefined}
      aria-label={Row === 'article' ? title.media_title : undefined}
      onFocus={select}
      onPointerDown={() => {
        isPressed.current = !selected;
        select();
      }}
      {...opensByClick(() => onToggle(title.imdb_id))}
    >
      <div className={styles.select} data-own-click>
        <SelectRow name={title.media_title} checked={chosen} onToggle={(range) => onChoose(title.imdb_id, range)} />
      </div>
      {parts.verdict && <div className={styles.verdict}>{parts.verdict(title)}</div>}
      <div className={styles.radar}>
        <Poster title={title} height={size} />
        {shows('ratings') && <Radar title={title} size={size} />}
      </div>
      <TitleText title={title} shows={shows} opened={opened} onToggle={() => onToggle(title.imdb_id)} />
      <div className={styles.marks}>
        {shows('prediction') &&
          (blind ? <span className={styles.reviewed}>{titleTexts.hidden}</span> : parts.model?.(title))}
        {/* The filled button says which of its two labels a title has. */}
        {!blind && !labels.some((label) => label === title.label) && <LabelBadge label={title.label} />}
        {title.anomalous && <AnomalousBadge />}
        {shows('review') && <Reviewed title={title} />}
      </div>
      <div className={styles.actions} {...once}>
        {button('would_not_watch')}
        {button('would_watch')}
        <AnomalousButton title={title} refusal={refusal} blind={blind} />
        <RefreshMetadataButton title={title} refusal={metadataRefusal} />
      </div>
      {opened && (
        <div id={`details-${title.imdb_id}`} className={styles.details} data-own-click>
          {parts.explanation && <p className={styles.explanation}>{parts.explanation(title)}</p>}
          <Suspense fallback={<Skeleton height={320} radius="md" role="status" aria-label={texts.loadingDetails} />}>
            <TitleDetails title={title} isBlind={blind} />
          </Suspense>
        </div>
      )}
    </Row>
  );
});
