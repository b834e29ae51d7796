import type { listTraining, TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Button, Group, Kbd, Text } from '@mantine/core';
import { IconFlag, IconFlagFilled, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import type { Reply } from '#shared/api.ts';
import { Blank } from '#shared/blank.tsx';
import { Countries } from '#shared/country.tsx';
import { formatInteger, formatRuntime, formatWord } from '#shared/format.ts';
import { Genres } from '#shared/genre.tsx';
import { useKeys } from '#shared/keys.ts';
import { AnomalousMark, LabelMark, ProbabilityMark } from '#shared/marks.tsx';
import { Moment } from '#shared/moment.tsx';
import { Radar } from '#shared/radar.tsx';
import { useStore } from '#shared/store.ts';
import { answerRow, overlaid, overlays, toggleRowAnomalous, undoChange } from '#shared/title-changes.ts';
import { TitleDetails } from '#shared/title-details.tsx';
import { backlogOf, describeView, listLimit, passOf, type TrainingView } from './filters.ts';
import { NoMatch } from './no-match.tsx';
import { nameTitleInUrl, titleInUrl } from './title-in-url.ts';
import styles from './title-list.module.css';

type Change = (changes: Partial<TrainingView>) => void;

function AnswerButton({ title, label, chosen }: { title: TrainingRow; label: Label; chosen: boolean }) {
  const Icon = label === 'would_watch' ? IconThumbUp : IconThumbDown;
  const said = label === 'would_watch' ? 'Would' : 'Would not';
  return (
    <Button
      size="compact-sm"
      variant="default"
      className={(label === 'would_watch' ? styles.watch : styles.not) ?? ''}
      data-chosen={chosen || undefined}
      aria-pressed={chosen}
      aria-label={`${formatWord(label)}: ${title.media_title}`}
      leftSection={<Icon size={16} />}
      onClick={() => answerRow(title, label)}
    >
      {said}
    </Button>
  );
}

function Row({
  title,
  selected,
  opened,
  onSelect,
  onToggle,
}: {
  title: TrainingRow;
  selected: boolean;
  opened: boolean;
  onSelect: () => void;
  onToggle: () => void;
}) {
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (selected) element.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  const human = title.human_labeled && title.reviewed === true;
  return (
    <li
      ref={element}
      className={styles.row}
      data-selected={selected || undefined}
      data-imdb-id={title.imdb_id}
      aria-current={selected || undefined}
      onFocus={onSelect}
      onPointerDown={onSelect}
    >
      <div className={styles.radar}>
        <Radar title={title} size={60} />
      </div>
      <div className={styles.text}>
        <h2 className={styles.name}>
          <button type="button" className={styles.open} aria-expanded={opened} onClick={onToggle}>
            <bdi>{title.media_title}</bdi>
          </button>{' '}
          <span className={styles.year}>{title.release_year}</span>
        </h2>
        <div className={styles.facts}>
          {title.media_type !== 'movie' && <span>{formatWord(title.media_type)}</span>}
          <Genres names={title.genre} />
          {title.origin_country?.length ? <Countries codes={title.origin_country} /> : null}
          {title.runtime !== null && <span>{formatRuntime(title.runtime)}</span>}
          <span>
            updated <Moment at={title.updated_at} />
          </span>
        </div>
      </div>
      <div className={styles.marks}>
        <ProbabilityMark probability={title.probability} prediction={title.prediction} />
        <span className={styles.labels}>
          <LabelMark label={title.label} />
          {title.anomalous && <AnomalousMark />}
        </span>
        <Text size="xs" c="dimmed">
          {title.reviewed ? (title.human_labeled ? 'reviewed by a person' : 'reviewed') : 'unreviewed'}
        </Text>
      </div>
      <div className={styles.actions}>
        <AnswerButton title={title} label="would_not_watch" chosen={human && title.label === 'would_not_watch'} />
        <AnswerButton title={title} label="would_watch" chosen={human && title.label === 'would_watch'} />
        <Button
          size="compact-sm"
          variant="default"
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

function Empty({ view, onChange }: { view: TrainingView; onChange: Change }) {
  if (passOf(view) === passOf(backlogOf(view))) {
    return <Blank title="Backlog cleared" text="No film waits for a review." />;
  }
  return <NoMatch view={view} onChange={onChange} />;
}

/** Twenty titles a page, each with its own buttons; keys act on the selected one. */
export function TitleList({
  view,
  list: {
    data: { data, pagination },
  },
  onChange,
}: {
  view: TrainingView;
  list: Reply<typeof listTraining>;
  onChange: Change;
}) {
  const all = useStore(overlays);
  const rows = data.map((row) => overlaid(row, all));
  const [selectedId, setSelectedId] = useState(titleInUrl);
  // Back and forward change the URL without the list.
  useEffect(() => setSelectedId(titleInUrl()), [data]);
  const select = (imdbId: string) => {
    setSelectedId(imdbId);
    nameTitleInUrl(imdbId);
  };
  const [openedId, setOpenedId] = useState<string | null>(null);
  const index = rows.findIndex(({ imdb_id }) => imdb_id === selectedId);
  const selected = rows[index];
  const move = (by: number) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, index === -1 && by < 0 ? 0 : index + by))];
    if (next) select(next.imdb_id);
  };
  const answer = (label: Label) => {
    if (!selected) return move(1);
    answerRow(selected, label);
    move(1);
  };
  const toggle = (id: string) => setOpenedId((before) => (before === id ? null : id));
  const formatCount = (count: number) => `${formatInteger(count)}${pagination.total_is_estimate ? '+' : ''}`;
  const total = pagination.total ?? 0;
  const pages = formatCount(Math.max(1, Math.ceil(total / listLimit)));

  useKeys('List', [
    { keys: ['j', 'ArrowDown'], label: 'Next title', run: () => move(1), repeats: true },
    { keys: ['k', 'ArrowUp'], label: 'Title before', run: () => move(-1), repeats: true },
    { keys: ['w'], label: 'Would watch, and on to the next', run: () => answer('would_watch') },
    { keys: ['n'], label: 'Would not watch, and on to the next', run: () => answer('would_not_watch') },
    { keys: ['a'], label: 'Mark as anomalous, or not', run: () => selected && toggleRowAnomalous(selected) },
    { keys: ['u', 'mod+z'], label: 'Undo', run: () => undoChange() },
    { keys: ['d'], label: 'Show or hide the details', run: () => selected && toggle(selected.imdb_id) },
    { keys: [']'], label: 'Next page', run: () => pagination.has_more && onChange({ page: view.page + 1 }) },
    { keys: ['['], label: 'Page before', run: () => view.page > 1 && onChange({ page: view.page - 1 }) },
  ]);

  if (rows.length === 0 && view.page === 1) return <Empty view={view} onChange={onChange} />;
  const first = pagination.offset + 1;
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs" role="status">
        {rows.length > 0
          ? `${formatInteger(first)}–${formatInteger(pagination.offset + rows.length)} of ${formatCount(total)}`
          : `Nothing on page ${formatInteger(view.page)} of ${pages}`}
        , {describeView(view)}
      </Text>
      <ol className={styles.list} aria-label="Titles">
        {rows.map((title) => (
          <Row
            key={title.imdb_id}
            title={title}
            selected={title.imdb_id === selectedId}
            opened={title.imdb_id === openedId}
            onSelect={() => select(title.imdb_id)}
            onToggle={() => toggle(title.imdb_id)}
          />
        ))}
      </ol>
      <Group justify="space-between" mt="md">
        <Button
          variant="default"
          disabled={view.page === 1}
          leftSection={<Kbd size="xs">[</Kbd>}
          onClick={() => onChange({ page: view.page - 1 })}
        >
          Previous
        </Button>
        <Text size="sm" c="dimmed">
          Page {formatInteger(view.page)} of {pages}
        </Text>
        <Button
          variant="default"
          disabled={!pagination.has_more}
          rightSection={<Kbd size="xs">]</Kbd>}
          onClick={() => onChange({ page: view.page + 1 })}
        >
          Next
        </Button>
      </Group>
    </>
  );
}
