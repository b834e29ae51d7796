import type { Pagination } from '@at/contracts/paging';
import { Button, NativeSelect, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useKeys } from '#keys/bindings.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { formatInteger, formatTotal } from '#ui/format.ts';
import { listStart } from '#ui/reveal-list.ts';
import { pagerKeys } from './keys.ts';
import styles from './pager.module.css';
import { listsTexts } from './texts.ts';

/** A page of a list, as the API returned it. */
type Page = {
  pagination: Pick<Pagination, 'total' | 'total_is_estimate' | 'has_more' | 'limit'>;
  /** Rows before the first one. */
  offset: number;
  /** Rows on it. */
  rows: number;
  /** Those of them that no longer match the filter: they stay on screen, but the list no longer has them. */
  left?: number;
};

const pageOf = ({ offset, pagination: { limit } }: Page) => formatInteger(Math.floor(offset / limit) + 1);

/** The total of a list without the rows that have left it since it was counted. */
export const totalOf = ({
  pagination: { total },
  left = 0,
}: Pick<Page, 'left'> & { pagination: { total: number | null } }) =>
  total === null ? null : Math.max(0, total - left);

/** `143`; with an estimated total `10,000+`. */
export function countOf(page: Pick<Page, 'pagination' | 'left'>, divisor = 1): string {
  const { total_is_estimate } = page.pagination;
  const total = totalOf(page);
  if (total === null) return formatInteger(null);
  return formatTotal(Math.max(divisor === 1 ? 0 : 1, Math.ceil(total / divisor)), total_is_estimate);
}

/** `21–40`; `0` where every row has left the list. */
export const describeRange = (offset: number, rows: number) =>
  rows === 0 ? formatInteger(0) : listsTexts.range(formatInteger(offset + 1), formatInteger(offset + rows));

/** `1–20 of 143`; with an estimated total `1–20 of 10,000+`, with an unknown one `1–20`. */
export function describePage(page: Page): string {
  const { offset, rows, left = 0, pagination } = page;
  if (rows === 0) return listsTexts.nothingOnPage(pageOf(page), countOf(page, pagination.limit));
  const range = describeRange(offset, rows - left);
  return pagination.total === null ? range : listsTexts.part(range, countOf(page));
}

type Line = {
  /** Above the boxes of the rows. */
  before?: ReactNode;
  /** Actions on the whole list. */
  children?: ReactNode;
};

/** The line above a list: the range, the total and the filter in words. */
export function ListLine({ text, before, children }: Line & { text: string }) {
  return (
    <div className={styles.line} {...listStart}>
      {before}
      <Text size="sm" c="dimmed" role="status" className={styles.words ?? ''}>
        {text}
      </Text>
      {children && <div className={styles.tools}>{children}</div>}
    </div>
  );
}

/** What follows a range of a list whose changed rows stay on screen, although they no longer match. */
export const describeStaying = (left = 0) => (left === 0 ? '' : `, ${listsTexts.stay(left, formatInteger(left))}`);

/** The line above a page of a list. */
export function PageLine({ page, filter, ...line }: Line & { page: Page; filter: string }) {
  return <ListLine text={`${describePage(page)}, ${filter}${describeStaying(page.left)}`} {...line} />;
}

/** The line below a list: previous and next page, also by key, and the page size. */
export function Pager({
  page,
  onPrevious,
  onNext,
  sizes,
  onSize,
}: {
  page: Page;
  onPrevious: () => void;
  onNext: () => void;
  /** If the page size can be chosen. */
  sizes?: readonly number[];
  onSize?: (size: number) => void;
}) {
  const { offset, pagination } = page;
  useKeys(pagerKeys, {
    next: () => pagination.has_more && onNext(),
    previous: () => offset > 0 && onPrevious(),
  });
  return (
    <nav className={styles.pager} aria-label={listsTexts.pages}>
      <Button
        variant="default"
        disabled={offset === 0}
        leftSection={<KeyHint of={pagerKeys} name="previous" size="xs" />}
        onClick={onPrevious}
      >
        {listsTexts.previous}
      </Button>
      <div className={styles.middle}>
        <Text size="sm" c="dimmed">
          {listsTexts.page(pageOf(page), countOf(page, pagination.limit))}
        </Text>
        {sizes && (
          <NativeSelect
            size="xs"
            aria-label={listsTexts.pageSize}
            value={String(pagination.limit)}
            onChange={(event) => onSize?.(Number(event.currentTarget.value))}
            data={sizes.map((size) => ({
              value: String(size),
              label: listsTexts.pageSizeOption(formatInteger(size)),
            }))}
          />
        )}
      </div>
      <Button
        variant="default"
        disabled={!pagination.has_more}
        rightSection={<KeyHint of={pagerKeys} name="next" size="xs" />}
        onClick={onNext}
      >
        {listsTexts.next}
      </Button>
    </nav>
  );
}
