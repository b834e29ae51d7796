import type { CmValue } from '@at/contracts/vocabulary';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { formatInteger, none } from '#ui/format.ts';
import styles from './confusion-matrix.module.css';
import { matrixTexts } from './confusion-matrix.texts.ts';
import { CellDot, cells } from './label-badges.tsx';

/** Titles in each cell; null: unknown. */
type MatrixCounts = { [cell in CmValue]: number | null };

const rows = [
  { label: 'would_watch', cells: ['tp', 'fn'] },
  { label: 'would_not_watch', cells: ['fp', 'tn'] },
] as const;

const percents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** In percent with a decimal; a dash for an unknown share. */
export const formatShare = (share: number | null) => (share === null ? none : percents.format(share));

/** The share of one cell among some; null if one of them is unknown, or all are empty. */
function shareOf(counts: MatrixCounts, cell: CmValue, among: readonly CmValue[]): number | null {
  const known = among.map((one) => counts[one]).filter((count) => count !== null);
  const total = known.reduce((sum, count) => sum + count, 0);
  return known.length < among.length || total === 0 ? null : (counts[cell] ?? 0) / total;
}

function Cell({
  counts,
  cell,
  among,
}: {
  counts: MatrixCounts;
  cell: CmValue;
  among?: readonly CmValue[] | undefined;
}) {
  const share = shareOf(counts, cell, ['tp', 'fn', 'fp', 'tn']);
  const rate = among && shareOf(counts, cell, among);
  return (
    <>
      <span className={styles.name}>
        <CellDot cell={cell} />
        {cells[cell].name}
      </span>
      <b>{counts[cell] === null ? matrixTexts.unknown : formatInteger(counts[cell])}</b>
      {rate != null && <span className={styles.share}>{matrixTexts.rate[cell](formatShare(rate))}</span>}
      {share !== null && <span className={styles.share}>{matrixTexts.share(formatShare(share))}</span>}
    </>
  );
}

/**
 * A confusion matrix: labels downwards, predictions across. With `linkTo` each cell links to its titles; `wrap` replaces
 * the link. With `rates` a cell also shows its share among the titles of its label.
 */
export function ConfusionMatrix({
  counts,
  caption,
  linkTo,
  wrap,
  rates = false,
}: {
  counts: MatrixCounts;
  /** Its name for screen readers. */
  caption: string;
  linkTo?: (cell: CmValue) => string;
  wrap?: (cell: CmValue, content: ReactNode, className: string) => ReactNode;
  rates?: boolean;
}) {
  const className = styles.content ?? '';
  return (
    <div className={styles.frame}>
      <table className={styles.matrix} aria-label={caption}>
        <thead>
          <tr>
            <td />
            {rows.map(({ label }) => (
              <th key={label} scope="col">
                {matrixTexts.modelSays} <b>{matrixTexts.short[label]}</b>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, cells: ofLabel }) => (
            <tr key={label}>
              <th scope="row">
                {matrixTexts.labelIs} <b>{matrixTexts.short[label]}</b>
              </th>
              {ofLabel.map((cell) => {
                const content = <Cell counts={counts} cell={cell} among={rates ? ofLabel : undefined} />;
                return (
                  <td key={cell} data-cell={cell}>
                    {wrap ? (
                      wrap(cell, content, className)
                    ) : linkTo ? (
                      <Link className={className} to={linkTo(cell)} title={cells[cell].meaning}>
                        {content}
                      </Link>
                    ) : (
                      <div className={className} title={cells[cell].meaning}>
                        {content}
                      </div>
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
