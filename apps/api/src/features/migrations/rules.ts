import type { FlywayRow, flywaySorts } from '@at/contracts/migrations';
import type { SortOrder } from '@at/contracts/paging';
import { compareVersions } from '@at/db/migration-files';

/** Versions are sorted by their parts as numbers, rows without one are last in both orders; ties by rank. */
export function sortHistory(rows: FlywayRow[], by: (typeof flywaySorts)[number], order: SortOrder): FlywayRow[] {
  const sign = order === 'asc' ? 1 : -1;
  return rows.toSorted((left, right) => {
    if (by === 'version' && (left.version === null || right.version === null)) {
      if (left.version !== right.version) return left.version === null ? 1 : -1;
    } else {
      const compared =
        by === 'version'
          ? compareVersions(left.version as string, right.version as string)
          : by === 'installed_on'
            ? left.installed_on.localeCompare(right.installed_on, 'en')
            : 0;
      if (compared !== 0) return sign * compared;
    }
    return sign * (left.installed_rank - right.installed_rank);
  });
}
