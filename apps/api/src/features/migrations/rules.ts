import { compareTimes } from '@at/contracts/compare-times';
import type { FlywayRow, flywaySorts } from '@at/contracts/migrations';
import type { SortOrder } from '@at/contracts/paging';
import { compareVersions } from '@at/db/migration-files';

type Sort = (typeof flywaySorts)[number];

/** Versions are sorted by their parts as numbers; rows without a value are last in both orders; ties by rank. */
export function sortHistory(rows: FlywayRow[], by: Sort, order: SortOrder): FlywayRow[] {
  const sign = order === 'asc' ? 1 : -1;
  return rows.toSorted((left, right) => {
    if (by !== 'installed_rank') {
      const [one, other] = [left[by], right[by]];
      if (one === null || other === null) {
        if (one !== other) return one === null ? 1 : -1;
      } else {
        const compared = (by === 'version' ? compareVersions : compareTimes)(one, other);
        if (compared !== 0) return sign * compared;
      }
    }
    return sign * (left.installed_rank - right.installed_rank);
  });
}
