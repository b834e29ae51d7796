import type { LabelEvent } from '@at/contracts/labels';
import type { TrainingRow } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Alert, Button, Text, UnstyledButton } from '@mantine/core';
import {
  IconEye,
  IconEyeOff,
  IconFlag,
  IconFlagFilled,
  IconRefresh,
  IconThumbDown,
  IconThumbUp,
} from '@tabler/icons-react';
import { useRef } from 'react';
import { useServerInfo } from '#api/server-info.ts';
import { chosenKeys, keysOf } from '#keys/bindings.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { useStore } from '#state/store.ts';
import { Countries } from '#titles/country.tsx';
import { Genres } from '#titles/genre.tsx';
import { LabelBadge, ProbabilityBadge } from '#titles/label-badges.tsx';
import { Poster } from '#titles/poster.tsx';
import { formatRating, imdbScale, knownAxes, metrics } from '#titles/radar.ts';
import { Radar } from '#titles/radar.tsx';
import { refreshMetadataTexts } from '#titles/refresh-metadata.texts.ts';
import { useMetadataRefusal, useRefreshingMetadata } from '#titles/refresh-metadata.ts';
import { TitleDetails } from '#titles/title-details.tsx';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { bottomBar } from '#ui/bottom-bar.ts';
import { once } from '#ui/double-clicks.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import {
  formatCompact,
  formatDecimal,
  formatLanguage,
  formatMoney,
  formatRuntime,
  formatWord,
  shownName,
  someone,
} from '#ui/format.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { textsOf } from '#ui/text-list.ts';
import { reviewKeys } from './keys.ts';
import type { Queue } from './queue.ts';
import styles from './review-card.module.css';
import { reviewTexts } from './texts.ts';

/** The length of a swipe that counts as an answer, and from which the card follows the finger, in CSS pixels. */
const swipeDistance = 90;
const swipeStart = 10;

const unmarked = { marginInlineStart: -8, color: 'var(--dimmed)', fontWeight: 400 };
const marked = { ...unmarked, color: 'var(--text-anomalous)', fontWeight: 600 };
/** Details that open below the card come into view. */
const reveal = (details: HTMLElement | null) => {
  if (matchMedia('(max-width: 62em)').matches) details?.scrollIntoView({ block: 'nearest' });
};

/**
 * A swipe to the right is would watch, to the left would not watch; a mostly vertical one scrolls. The card follows the
 * finger, and is marked with the answer as soon as the swipe is long enough.
 */
function useSwipe(onAnswer: (label: Label) => void) {
  const start = useRef<{ x: number; y: number } | null>(null);
  const labelOf = (dx: number, dy: number): Label | null => {
    if (Math.abs(dx) < swipeDistance || Math.abs(dx) < 2 * Math.abs(dy)) return null;
    return dx > 0 ? 'would_watch' : 'would_not_watch';
  };
  const follow = ({ style, dataset }: HTMLElement, dx: number, label: Label | null) => {
    if (dx === 0) style.removeProperty('translate');
    else style.setProperty('translate', `${dx}px`);
    if (label === null) delete dataset.swipe;
    else dataset.swipe = label;
  };
  const distance = ({ x, y }: { x: number; y: number }, touch: React.Touch) =>
    [touch.clientX - x, touch.clientY - y] as const;
  const stop = (event: React.TouchEvent<HTMLElement>) => {
    start.current = null;
    follow(event.currentTarget, 0, null);
  };
  return {
    onTouchStart: (event: React.TouchEvent<HTMLElement>) => {
      const touch = event.touches[0];
      stop(event);
      if (event.touches.length === 1 && touch) start.current = { x: touch.clientX, y: touch.clientY };
    },
    onTouchMove: (event: React.TouchEvent<HTMLElement>) => {
      const touch = event.touches[0];
      if (!start.current || !touch || event.touches.length > 1) return stop(event);
      const [dx, dy] = distance(start.current, touch);
      const isSideways = Math.abs(dx) > swipeStart && Math.abs(dx) > Math.abs(dy);
      follow(event.currentTarget, isSideways ? dx : 0, labelOf(dx, dy));
    },
    onTouchEnd: (event: React.TouchEvent<HTMLElement>) => {
      const touch = event.changedTouches[0];
      const label = start.current && touch ? labelOf(...distance(start.current, touch)) : null;
      stop(event);
      if (label !== null) onAnswer(label);
    },
    onTouchCancel: stop,
  };
}

type Props = {
  title: TrainingRow;
  returned: Queue['returned'];
  changedBy: Queue['changedBy'];
  blind: boolean;
  details: boolean;
  canUndo: boolean;
  /** Why the user may not decide. */
  refusal: string | null;
  onAnswer: (label: Label) => void;
  onSkip: () => void;
  onNext: () => void;
  onUndo: () => void;
  /** Undoes the latest event of the history in the details. */
  onUndoEvent: (event: LabelEvent) => void;
  onAnomalous: () => void;
  onRefreshMetadata: () => void;
  onDetails: () => void;
  onBlind: () => void;
};

/** How much room an overview takes, by its characters: the radar and the facts have the rest. */
function lengthOf(overview: string | null): 'none' | 'short' | 'long' | 'longest' {
  const { length } = overview ?? '';
  if (length === 0) return 'none';
  return length <= 250 ? 'short' : length <= 700 ? 'long' : 'longest';
}

function describeChange({ by }: NonNullable<Queue['changedBy']>, blind: boolean, { label }: TrainingRow): string {
  const to = label === null ? reviewTexts.unlabelled : formatWord(label);
  if (by === null) return blind ? reviewTexts.awayHidden : reviewTexts.awayTo(to);
  return blind ? reviewTexts.changedHidden(someone(by)) : reviewTexts.changedBy(someone(by), to);
}

/** The title on screen with the buttons to answer. */
export function ReviewCard(props: Props) {
  const { title, returned, changedBy, blind, details, canUndo, refusal, onAnswer } = props;
  const swipe = useSwipe(onAnswer);
  const chosen = useStore(chosenKeys);
  const isRefreshing = useRefreshingMetadata(title);
  const metadataRefusal = useMetadataRefusal();
  const files = useServerInfo()?.configured.files === true;
  // aria-keyshortcuts has no form for a sequence of keys.
  const shortcuts = (name: keyof typeof reviewKeys.keys) =>
    keysOf(reviewKeys, name, chosen)
      .filter((key) => !key.includes(' '))
      .map((key) => key.replace(/^mod\+/, 'Control+').replace(/^shift\+/, 'Shift+'))
      .map((key) => key.replace(/(^|\+)(.)$/, (_, modifier, letter) => `${modifier}${letter.toUpperCase()}`))
      .join(' ') || undefined;
  const warning = changedBy ? describeChange(changedBy, blind, title) : undefined;
  const hasLongText = lengthOf(title.overview) === 'longest';
  const present = returned?.label ?? (blind ? null : title.label);
  return (
    <>
      <article
        className={styles.card}
        {...swipe}
        aria-labelledby="title-on-screen"
        data-imdb-id={title.imdb_id}
        data-details={details || undefined}
        data-text={lengthOf(title.overview)}
      >
        {returned?.reason && (
          <Alert className={styles.wide ?? ''} color="red" role="alert" title={reviewTexts.notSaved}>
            {reviewTexts.chosen(returned.reason, formatWord(returned.label))}
          </Alert>
        )}
        {changedBy && (
          <Alert
            className={styles.wide ?? ''}
            color="yellow"
            variant="outline"
            p="xs"
            role="alert"
            title={changedBy.by === null ? reviewTexts.changedAway : reviewTexts.changedTitle}
          >
            {warning}{' '}
            <Button size="compact-xs" variant="default" onClick={props.onNext}>
              {reviewTexts.next}
            </Button>
          </Alert>
        )}
        <Poster title={title} height={details || hasLongText ? 156 : 240} className={styles.poster} />
        <div className={styles.main}>
          <h2 id="title-on-screen" className={styles.name} aria-live="polite">
            <bdi>{shownName(title.media_title)}</bdi> <span className={styles.year}>{title.release_year}</span>
          </h2>
          <div className={styles.radar}>
            <Radar title={title} size={360} labels />
          </div>
          <div className={styles.marks}>
            {title.media_type !== 'movie' && <span>{formatWord(title.media_type)}</span>}
            {title.runtime !== null && <span>{formatRuntime(title.runtime)}</span>}
            {textsOf(title.origin_country).length > 0 && <Countries codes={title.origin_country} />}
            <Genres names={title.genre} />
            <Button
              data-tooltip={titleListTexts.anomalousMeans(title.anomalous)}
              data-tooltip-touch
              variant="subtle"
              size="compact-sm"
              disabled={refusal !== null}
              aria-pressed={title.anomalous}
              aria-keyshortcuts={shortcuts('anomalous')}
              className={styles.anomalous ?? ''}
              // It does not look like an answer.
              style={title.anomalous ? marked : unmarked}
              leftSection={title.anomalous ? <IconFlagFilled size={16} /> : <IconFlag size={16} />}
              rightSection={<KeyHint of={reviewKeys} name="anomalous" size="xs" />}
              onClick={props.onAnomalous}
            >
              {reviewTexts.anomalous}
            </Button>
          </div>
          {title.tagline && (
            <p className={styles.tagline} dir="auto">
              {title.tagline}
            </p>
          )}
          <p className={styles.overview} dir="auto" data-empty={title.overview ? undefined : true}>
            {title.overview ?? reviewTexts.noOverview}
          </p>
          <KeyFacts title={title} />
          <div className={styles.model}>
            {blind ? (
              <span className={styles.hidden}>{reviewTexts.hidden}</span>
            ) : (
              <>
                <ProbabilityBadge title={title} />
                <LabelBadge label={title.label} />
              </>
            )}
          </div>
        </div>
        {details && (
          <section ref={reveal} className={styles.details} aria-label={reviewTexts.details}>
            <div>
              <TitleDetails title={title} isBlind={blind} onUndo={props.onUndoEvent} />
            </div>
          </section>
        )}
      </article>

      <div ref={bottomBar} className={styles.actions} data-at-end {...once}>
        <SwipeMark label="would_watch" warning={warning} />
        <SwipeMark label="would_not_watch" warning={warning} />
        {refusal !== null && (
          <Text size="sm" className={styles.wide ?? ''} role="note">
            {refusal}
          </Text>
        )}
        <Button
          className={styles.not ?? ''}
          size="lg"
          disabled={refusal !== null}
          data-chosen={present === 'would_not_watch' || undefined}
          aria-pressed={present === 'would_not_watch'}
          aria-keyshortcuts={shortcuts('not')}
          leftSection={<IconThumbDown size={20} />}
          rightSection={<KeyHint of={reviewKeys} name="not" />}
          onClick={() => onAnswer('would_not_watch')}
        >
          <span className={styles.verdict}>
            {reviewTexts.wouldNot}
            {files && <small>{titleListTexts.withFiles}</small>}
          </span>
        </Button>
        <Button
          className={styles.watch ?? ''}
          size="lg"
          disabled={refusal !== null}
          data-chosen={present === 'would_watch' || undefined}
          aria-pressed={present === 'would_watch'}
          aria-keyshortcuts={shortcuts('watch')}
          leftSection={<IconThumbUp size={20} />}
          rightSection={<KeyHint of={reviewKeys} name="watch" />}
          onClick={() => onAnswer('would_watch')}
        >
          {reviewTexts.would}
        </Button>
        <div className={styles.minor}>
          <Button
            variant="default"
            rightSection={<KeyHint of={reviewKeys} name="skip" size="xs" />}
            onClick={props.onSkip}
          >
            {reviewTexts.skip}
          </Button>
          <ReasonButton
            rightSection={<KeyHint of={reviewKeys} name="undo" size="xs" />}
            reason={canUndo ? undefined : reviewTexts.nothingToUndo}
            onClick={props.onUndo}
          >
            {reviewTexts.undo}
          </ReasonButton>
          <ReasonButton
            variant={isRefreshing ? 'filled' : 'default'}
            reason={metadataRefusal ?? undefined}
            rightSection={<KeyHint of={reviewKeys} name="rerun" size="xs" />}
            onClick={props.onRefreshMetadata}
          >
            <IconRefresh size={16} aria-hidden />
            <span className={styles.word}>
              {isRefreshing ? refreshMetadataTexts.waiting : refreshMetadataTexts.refresh}
            </span>
          </ReasonButton>
          <Button
            variant="default"
            aria-expanded={details}
            rightSection={<KeyHint of={reviewKeys} name="details" size="xs" />}
            onClick={props.onDetails}
          >
            {reviewTexts.details}
          </Button>
          <UnstyledButton className={styles.blind} aria-pressed={blind} onClick={props.onBlind}>
            {blind ? <IconEyeOff size={16} /> : <IconEye size={16} />}{' '}
            <span className={styles.word}>{reviewTexts.blind}</span> <KeyHint of={reviewKeys} name="blind" size="xs" />
          </UnstyledButton>
        </div>
      </div>
    </>
  );
}

/**
 * Shown while a swipe to this answer is long enough: above the buttons, as the card leaves with the finger. So does the box
 * with what another user did, whose text `warning` is.
 */
function SwipeMark({ label, warning }: { label: Label; warning: string | undefined }) {
  const Icon = label === 'would_watch' ? IconThumbUp : IconThumbDown;
  return (
    <span className={styles.swiped} data-for={label} aria-hidden>
      <Icon size={20} />
      <span>
        {label === 'would_watch' ? reviewTexts.would : reviewTexts.wouldNot}
        {warning !== undefined && <small>{warning}</small>}
      </span>
    </span>
  );
}

/** What is known of a title beside its ratings; the details show the rest. */
function KeyFacts({ title }: { title: TrainingRow }) {
  const { facts } = reviewTexts;
  const hasRadar = knownAxes(title).length > 0;
  const isRenamed = title.original_media_title !== null && title.original_media_title !== title.media_title;
  const companies = textsOf(title.production_companies);
  return (
    <Facts look="strip" className={styles.facts}>
      {title.imdb_rating !== null && <Fact name={facts.rating}>{formatDecimal(title.imdb_rating / imdbScale, 1)}</Fact>}
      {title.imdb_votes !== null && <Fact name={facts.votes}>{formatCompact(title.imdb_votes)}</Fact>}
      {!hasRadar &&
        metrics
          .filter(({ field }) => !field.startsWith('imdb') && title[field] !== null)
          .map((metric) => (
            <Fact key={metric.field} name={metric.name}>
              {formatRating(metric, title[metric.field])}
            </Fact>
          ))}
      {title.budget !== null && <Fact name={facts.budget}>{formatMoney(title.budget)}</Fact>}
      {title.revenue !== null && <Fact name={facts.revenue}>{formatMoney(title.revenue)}</Fact>}
      {title.original_language && <Fact name={facts.language}>{formatLanguage(title.original_language)}</Fact>}
      {isRenamed && <Fact name={facts.original}>{title.original_media_title}</Fact>}
      {companies.length > 0 && <Fact name={facts.companies}>{companies.join(', ')}</Fact>}
      <Fact name={facts.added}>
        <RelativeTime at={title.created_at} />
      </Fact>
      <Fact name={facts.updated}>
        <RelativeTime at={title.updated_at} />
      </Fact>
    </Facts>
  );
}
