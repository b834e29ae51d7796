import type { CmValue } from '@at/contracts/vocabulary';
import { Link } from 'react-router';
import { formatInteger, formatWord } from './format.ts';
import { cells } from './marks.tsx';
import styles from './matrix.module.css';
import { matrixTexts } from './texts/matrix.ts';

/** Titles in each cell; null: not known. */
export type MatrixCounts = { [cell in CmValue]: number | null };

const rows = [
  { label: 'would_watch', cells: ['tp', 'fn'] },
  { label: 'would_not_watch', cells: ['fp', 'tn'] },
] as const;

const percents = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** The share of one cell among all four; undefined where one of them is not known, or all are empty. */
export function shareOf(counts: MatrixCounts, cell: CmValue): number | undefined {
  const all = Object.values(counts);
  if (all.includes(null)) return undefined;
  const total = all.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  return total === 0 ? undefined : (counts[cell] ?? 0) / total;
}

function Cell({ counts, cell }: { counts: MatrixCounts; cell: CmValue }) {
  const share = shareOf(counts, cell);
  return (
    <>
      <span className={styles.name}>
        <span className={styles.icon} aria-hidden>
          {cells[cell].icon}
        </span>
        {cells[cell].name}
      </span>
      <b>{counts[cell] === null ? matrixTexts.unknown : formatInteger(counts[cell])}</b>
      {share !== undefined && <span className={styles.share}>{matrixTexts.share(percents.format(share))}</span>}
    </>
  );
}

/** A confusion matrix to look at; with `linkTo` each cell leads to its titles. */
export function Matrix({
  counts,
  caption,
  linkTo,
}: {
  counts: MatrixCounts;
  /** What it is of, for who listens. */
  caption: string;
  linkTo?: (cell: CmValue) => string;
}) {
  return (
    <table className={styles.matrix} aria-label={caption}>
      <thead>
        <tr>
          <td />
          {rows.map(({ label }) => (
            <th key={label} scope="col">
              {matrixTexts.modelSays(formatWord(label))}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, cells: ofLabel }) => (
          <tr key={label}>
            <th scope="row">{matrixTexts.labelIs(formatWord(label))}</th>
            {ofLabel.map((cell) => (
              <td key={cell} data-cell={cell}>
                {linkTo ? (
                  <Link className={styles.content ?? ''} to={linkTo(cell)} title={cells[cell].meaning}>
                    <Cell counts={counts} cell={cell} />
                  </Link>
                ) : (
                  <div className={styles.content} title={cells[cell].meaning}>
                    <Cell counts={counts} cell={cell} />
                  </div>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
