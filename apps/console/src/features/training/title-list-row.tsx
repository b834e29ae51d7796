import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { useEffect, useRef } from 'react';
import { useServerInfo } from '#api/server-info.ts';
import { useRefusal } from '#api/session.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectRow } from '#lists/selection-bar.tsx';
import { density } from '#state/density.ts';
import { useStore } from '#state/store.ts';
import { AnomalousBadge, LabelBadge, ProbabilityBadge } from '#titles/label-badges.tsx';
import { Radar } from '#titles/radar.tsx';
import { answerRow } from '#titles/title-changes.ts';
import { TitleDetails } from '#titles/title-details.tsx';
import row from '#titles/title-row.module.css';
import { titleListTexts } from '#titles/title-row.texts.ts';
import {
  AnomalousButton,
  LabelButton,
  RefreshMetadataButton,
  Reviewed,
  type TitleColumn,
  TitleText,
} from '#titles/title-row.tsx';
import { formatWord } from '#ui/format.ts';
import styles from './title-list.module.css';

function AnswerButton({ title, label, refusal }: { title: TrainingRow; label: Label; refusal: string | null }) {
  const files = useServerInfo()?.configured.files === true && label === 'would_not_watch';
  const act = files ? `${formatWord(label)}, ${titleListTexts.andFiles}` : formatWord(label);
  return (
    <LabelButton
      label={label}
      chosen={title.label === label}
      name={`${act}: ${title.media_title}`}
      hint={files ? act : undefined}
      refusal={refusal}
      onClick={() => answerRow(title, label)}
    />
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
  gone,
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
  /** It exists no more. */
  gone: boolean;
  onSelect: () => void;
  onToggle: () => void;
}) {
  const size = radarSizes[useStore(density)];
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const refusal = useRefusal('operator');
  return (
    <li
      ref={element}
      className={`${row.row} ${styles.row}`}
      data-selected={selected || undefined}
      data-pulsing={pulsing || undefined}
      data-gone={gone || undefined}
      data-imdb-id={title.imdb_id}
      aria-current={selected || undefined}
      onFocus={onSelect}
      onPointerDown={onSelect}
    >
      <SelectRow
        name={title.media_title}
        checked={selection.isSelected(title.imdb_id)}
        onToggle={(range) => selection.toggle(title.imdb_id, range)}
      />
      {shows('ratings') && <Radar title={title} size={size} />}
      <TitleText title={title} shows={shows} opened={opened} onToggle={onToggle} />
      <div className={styles.marks}>
        {shows('prediction') && <ProbabilityBadge probability={title.probability} prediction={title.prediction} />}
        <span className={styles.labels}>
          <LabelBadge label={title.label} />
          {title.anomalous && <AnomalousBadge />}
        </span>
        {shows('review') && <Reviewed title={title} />}
      </div>
      <div className={styles.actions}>
        <AnswerButton title={title} label="would_not_watch" refusal={refusal} />
        <AnswerButton title={title} label="would_watch" refusal={refusal} />
        <AnomalousButton title={title} refusal={refusal} />
        <RefreshMetadataButton title={title} refusal={refusal} />
      </div>
      {opened && (
        <div className={styles.details}>
          <TitleDetails title={title} historyVersion={title.updated_at} />
        </div>
      )}
    </li>
  );
}
