import { joinList } from '@at/contracts/comma-list';
import type { MediaStats } from '@at/contracts/media';
import type { Evaluation } from '@at/contracts/predictions';
import { Link } from 'react-router';
import { matrixTexts } from '#titles/confusion-matrix.texts.ts';
import { ConfusionMatrix } from '#titles/confusion-matrix.tsx';
import { typePlurals } from '#titles/texts.ts';
import { sayCountedAt } from '#ui/counted-at.ts';
import { formatDecimal, formatInteger } from '#ui/format.ts';
import { formatStatus } from '#ui/status-words.ts';
import styles from './home.module.css';
import { lazyCardsTexts } from './lazy-cards.texts.ts';

/** The pipeline, items by status, and the predictions. */

export function Pipeline({ stats: { total, pipeline_status } }: { stats: MediaStats }) {
  if (total === 0) return <p>{lazyCardsTexts.pipeline.empty}</p>;
  const most = Math.max(...Object.values(pipeline_status));
  return (
    <ol className={styles.pipeline}>
      {Object.entries(pipeline_status).map(([status, count]) => {
        return (
          <li key={status}>
            <span>{formatStatus('pipeline_status', status)}</span>
            <span className={styles.track} aria-hidden>
              <span data-status={status} style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <Link
              to={`/media?pipeline_status=${encodeURIComponent(joinList([status]))}`}
              aria-label={`${formatStatus('pipeline_status', status)}: ${formatInteger(count)}`}
            >
              {formatInteger(count)}
            </Link>
          </li>
        );
      })}
    </ol>
  );
}

export function Predictions({
  evaluation: { labelled, matrix, threshold },
  countedAt,
}: {
  evaluation: Evaluation;
  /** null: just now. */
  countedAt: string | null;
}) {
  const texts = lazyCardsTexts.predictions;
  if (labelled === 0) return <p>{texts.nothing}</p>;
  return (
    <>
      {/* As high as its content instead of its container. */}
      <div>
        <ConfusionMatrix counts={matrix} caption={texts.caption} linkTo={(cell) => `/predictions?cell=${cell}`} />
      </div>
      <p className={styles.note}>
        <Link to="/predictions?label=any&cell=all">{formatInteger(labelled)}</Link>{' '}
        {`${matrixTexts.scope(typePlurals.movie)}, ${texts.threshold} `}
        <Link to={`/predictions?threshold=${threshold}`}>{formatDecimal(threshold, 2)}</Link>. {sayCountedAt(countedAt)}
      </p>
    </>
  );
}
