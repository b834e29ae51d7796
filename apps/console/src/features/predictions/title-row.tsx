import type { CmValue, Label } from '@at/contracts/vocabulary';
import { Skeleton } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { memo, Suspense } from 'react';
import { useRefusal } from '#api/session.ts';
import { SelectRow } from '#lists/selection-bar.tsx';
import { lazyPart } from '#live/lazy-part.ts';
import { density } from '#state/density.ts';
import { useStore } from '#state/store.ts';
import { AnomalousBadge, CellBadge, cells as cellWords, formatProbability, LabelBadge } from '#titles/label-badges.tsx';
import { Radar } from '#titles/radar.tsx';
import { labelRow } from '#titles/title-changes.ts';
import row from '#titles/title-row.module.css';
import {
  AnomalousButton,
  LabelButton,
  RefreshMetadataButton,
  Reviewed,
  type TitleColumn,
  TitleText,
} from '#titles/title-row.tsx';
import { formatDecimal, formatWord, none } from '#ui/format.ts';
import { cellAt } from './evaluation.ts';
import type { PredictedTitle } from './rows.ts';
import { predictionTexts as texts } from './texts.ts';
import styles from './title-list.module.css';
import { formatThreshold, type PredictionsView } from './view.ts';

const TitleDetails = lazyPart(() => import('#titles/title-details.tsx'), 'TitleDetails');

/** The one that stands is filled, and confirms; the other one sets its label. */
function LabelRowButton({ title, label, refusal }: { title: PredictedTitle; label: Label; refusal: string | null }) {
  const stands = title.label === label;
  const words = stands ? texts.confirm : texts.setLabel;
  return (
    <LabelButton
      label={label}
      chosen={stands}
      name={words(formatWord(label), title.media_title)}
      icon={stands && title.reviewed ? <IconCheck size={16} /> : undefined}
      refusal={refusal}
      onClick={() => labelRow(title, label)}
    />
  );
}

function Probability({ title, cell }: { title: PredictedTitle; cell: CmValue | null }) {
  return (
    <span className={styles.probability} data-cell={cell ?? 'none'}>
      <strong>{formatProbability(title.probability)}</strong>
      <span className={styles.track} aria-hidden>
        <span className={styles.bar} style={{ width: `${title.probability * 100}%` }} />
      </span>
    </span>
  );
}

/** The cell of a title in a sentence. */
export function explain(title: PredictedTitle, threshold: number | null): string {
  const words = texts.explain;
  const said = words.probability(formatDecimal(title.probability, 4));
  const own = words.own(title.prediction === 1 ? 'would watch' : 'would not watch', cellWords[title.cm_value].name);
  if (threshold === null) return `${said}${words.unknown} ${own}`;
  const yes = (title.probability >= threshold ? words.yes : words.no)(formatThreshold(threshold));
  const cell = cellAt(title.label, title.probability, threshold);
  if (cell === null) return `${said}${yes}${words.unlabelled} ${own}`;
  return `${said}${yes}${words.label(formatWord(title.label))}${words.cell(cellWords[cell].name)} ${own}`;
}

const radarSizes = { comfortable: 52, compact: 44 } as const;

/** A title with the model's word on it, and what can be done about it. */
export const TitleRow = memo(function TitleRow({
  title,
  threshold,
  cells,
  shows,
  chosen,
  selected,
  opened,
  pulsing,
  gone,
  onChoose,
  onSelect,
  onToggle,
}: {
  title: PredictedTitle;
  threshold: number | null;
  /** Whose cell is shown. */
  cells: PredictionsView['cells'];
  shows: (column: TitleColumn) => boolean;
  /** Among those that something is done to at once. */
  chosen: boolean;
  /** The one that keys act on. */
  selected: boolean;
  opened: boolean;
  /** It has just been changed by somebody. */
  pulsing: boolean;
  /** It exists no more. */
  gone: boolean;
  onChoose: (imdbId: string, range: boolean) => void;
  onSelect: (imdbId: string) => void;
  onToggle: (imdbId: string) => void;
}) {
  const computed = threshold === null ? null : cellAt(title.label, title.probability, threshold);
  const cell = cells === 'recorded' ? title.cm_value : computed;
  const select = () => onSelect(title.imdb_id);
  const refusal = useRefusal('operator');
  const size = radarSizes[useStore(density)];
  return (
    <article
      className={`${row.row} ${styles.row}`}
      data-imdb-id={title.imdb_id}
      data-selected={selected || undefined}
      data-pulsing={pulsing || undefined}
      data-gone={gone || undefined}
      aria-current={selected || undefined}
      aria-label={title.media_title}
      onFocus={select}
      onPointerDown={select}
    >
      <div className={styles.select}>
        <SelectRow name={title.media_title} checked={chosen} onToggle={(range) => onChoose(title.imdb_id, range)} />
      </div>
      <div className={styles.verdict}>
        {cell ? (
          <CellBadge cell={cell} />
        ) : (
          <span className={styles.none}>{threshold === null ? none : texts.noCell}</span>
        )}
        <Probability title={title} cell={cell} />
      </div>
      <div className={styles.radar}>{shows('ratings') && <Radar title={title} size={size} />}</div>
      <TitleText title={title} shows={shows} opened={opened} onToggle={() => onToggle(title.imdb_id)} />
      <div className={styles.labels}>
        <LabelBadge label={title.label} />
        {title.anomalous && <AnomalousBadge />}
        {shows('review') && <Reviewed title={title} />}
      </div>
      <div className={styles.actions}>
        <LabelRowButton title={title} label="would_not_watch" refusal={refusal} />
        <LabelRowButton title={title} label="would_watch" refusal={refusal} />
        <AnomalousButton title={title} refusal={refusal} />
        <RefreshMetadataButton title={title} refusal={refusal} />
      </div>
      {opened && (
        <div className={styles.details}>
          <p className={styles.explanation}>{explain(title, threshold)}</p>
          <Suspense fallback={<Skeleton height={320} radius="md" role="status" aria-label={texts.loadingDetails} />}>
            <TitleDetails title={title} historyVersion={title.updated_at} />
          </Suspense>
        </div>
      )}
    </article>
  );
});
