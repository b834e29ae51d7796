import { countToAct, useAttention } from '#pages/attention.ts';
import { formatInteger } from '#ui/format.ts';
import styles from './attention-badge.module.css';
import { appTexts } from './texts.ts';

/** The longest number that fits on an icon. */
const most = 99;

/** By path: how many things on a page wait for someone. */
export function useCounts(): ReadonlyMap<string, number> {
  return new Map(useAttention().map(({ page, entries }) => [page.path, countToAct(entries)]));
}

/** For the link to a page: its name, and how many things wait there. */
export const namesOf = (name: string, count = 0) => ({
  'aria-label': name,
  ...(count > 0 && { 'aria-description': appTexts.navigation.waiting(formatInteger(count)) }),
});

/** How many things on a page wait for someone, on its link; nothing if none does. */
export function AttentionBadge({ count = 0, onIcon = false }: { count: number | undefined; onIcon?: boolean }) {
  if (count === 0) return null;
  return (
    // Drawn by its style: the number is in the description of the link, not in its name.
    <span
      className={styles.badge}
      data-on-icon={onIcon || undefined}
      data-count={onIcon && count > most ? `${most}+` : formatInteger(count)}
      aria-hidden="true"
    />
  );
}
