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
import { Radar } from '#titles/radar.tsx';
import { refreshMetadataTexts } from '#titles/refresh-metadata.texts.ts';
import { useMetadataRefusal, useRefreshingMetadata } from '#titles/refresh-metadata.ts';
import { TitleDetails } from '#titles/title-details.tsx';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { once } from '#ui/double-clicks.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatCompact, formatDecimal, formatMoney, formatRuntime, formatWord, none, someone } from '#ui/format.ts';
import { textsOf } from '#ui/text-list.ts';
import { reviewKeys } from './keys.ts';
import type { Queue } from './queue.ts';
import styles from './review-card.module.css';
import { reviewTexts } from './texts.ts';

/** The length of a swipe that counts as an answer, in CSS pixels. */
const swipeDistance = 90;

/** A swipe to the right is would watch, to the left would not watch; a mostly vertical one scrolls. */
function useSwipe(onAnswer: (label: Label) => void) {
  const start = useRef<{ x: number; y: number } | null>(null);
  return {
    onTouchStart: (event: React.TouchEvent) => {
      const touch = event.touches[0];
      start.current = event.touches.length === 1 && touch ? { x: touch.clientX, y: touch.clientY } : null;
    },
    onTouchEnd: (event: React.TouchEvent) => {
      const touch = event.changedTouches[0];
      if (!start.current || !touch) return;
      const [dx, dy] = [touch.clientX - start.current.x, touch.clientY - start.current.y];
      start.current = null;
      if (Math.abs(dx) < swipeDistance || Math.abs(dx) < 2 * Math.abs(dy)) return;
      onAnswer(dx > 0 ? 'would_watch' : 'would_not_watch');
    },
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
  onUndo: () => void;
  onAnomalous: () => void;
  onRefreshMetadata: () => void;
  onDetails: () => void;
  onBlind: () => void;
};

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
  const present = returned?.label ?? title.label;
  return (
    <>
      <article className={styles.card} {...swipe} aria-labelledby="title-on-screen" data-imdb-id={title.imdb_id}>
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
            title={reviewTexts.changedTitle}
          >
            {reviewTexts.changedBy(
              someone(changedBy.by),
              title.label === null ? reviewTexts.unlabelled : formatWord(title.label),
            )}
          </Alert>
        )}
        <div className={styles.text}>
          <h2 id="title-on-screen" className={styles.name} aria-live="polite">
            <bdi>{title.media_title}</bdi> <span className={styles.year}>{title.release_year}</span>
          </h2>
          <div className={styles.marks}>
            {title.media_type !== 'movie' && <span>{formatWord(title.media_type)}</span>}
            {title.runtime !== null && <span>{formatRuntime(title.runtime)}</span>}
            {textsOf(title.origin_country).length > 0 && <Countries codes={title.origin_country} />}
            <Genres names={title.genre} />
          </div>
          {title.tagline && (
            <p className={styles.tagline} dir="auto">
              {title.tagline}
            </p>
          )}
          <p
            className={styles.overview}
            dir="auto"
            title={title.overview ?? undefined}
            data-empty={title.overview ? undefined : true}
          >
            {title.overview ?? reviewTexts.noOverview}
          </p>
          <Facts look="strip" className={styles.facts}>
            <Fact name={reviewTexts.facts.rating}>
              {title.imdb_rating === null ? none : formatDecimal(title.imdb_rating / 10, 1)}
            </Fact>
            <Fact name={reviewTexts.facts.votes}>{formatCompact(title.imdb_votes)}</Fact>
            <Fact name={reviewTexts.facts.budget}>{formatMoney(title.budget)}</Fact>
            <Fact name={reviewTexts.facts.revenue}>{formatMoney(title.revenue)}</Fact>
          </Facts>
          <div className={styles.model}>
            {blind ? (
              <span className={styles.hidden}>{reviewTexts.hidden}</span>
            ) : (
              <ProbabilityBadge probability={title.probability} />
            )}
            <LabelBadge label={title.label} />
          </div>
        </div>
        <div className={styles.radar}>
          <Radar title={title} size={248} labels />
        </div>
      </article>

      <div className={styles.actions} {...once}>
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
            disabled={refusal !== null}
            aria-pressed={title.anomalous}
            className={styles.anomalous ?? ''}
            data-on={title.anomalous || undefined}
            leftSection={title.anomalous ? <IconFlagFilled size={16} /> : <IconFlag size={16} />}
            rightSection={<KeyHint of={reviewKeys} name="anomalous" size="xs" />}
            onClick={props.onAnomalous}
          >
            {reviewTexts.anomalous}
          </Button>
          <Button
            variant="default"
            rightSection={<KeyHint of={reviewKeys} name="skip" size="xs" />}
            onClick={props.onSkip}
          >
            {reviewTexts.skip}
          </Button>
          <Button
            variant="default"
            rightSection={<KeyHint of={reviewKeys} name="undo" size="xs" />}
            disabled={!canUndo}
            onClick={props.onUndo}
          >
            {reviewTexts.undo}
          </Button>
          <Button
            variant={isRefreshing ? 'filled' : 'default'}
            disabled={metadataRefusal !== null}
            aria-label={isRefreshing ? refreshMetadataTexts.waiting : refreshMetadataTexts.refresh}
            title={metadataRefusal ?? (isRefreshing ? refreshMetadataTexts.waiting : refreshMetadataTexts.refresh)}
            rightSection={<KeyHint of={reviewKeys} name="rerun" size="xs" />}
            onClick={props.onRefreshMetadata}
          >
            <IconRefresh size={16} />
          </Button>
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
      {details && (
        <section className={styles.details} aria-label={reviewTexts.details}>
          <TitleDetails title={blind ? withoutModel(title) : title} />
        </section>
      )}
    </>
  );
}

/** Blind mode hides the prediction everywhere. */
function withoutModel(title: TrainingRow): TrainingRow {
  const {
    prediction: _prediction,
    probability: _probability,
    cm_value: _cell,
    prediction_created_at: _at,
    ...rest
  } = title;
  return rest;
}
