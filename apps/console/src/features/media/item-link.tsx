import type { MediaRow } from '@at/contracts/media';
import { Link, useLocation } from 'react-router';
import styles from './item-link.module.css';
import { nameOf } from './items.ts';

/** The id of a row's link, for moving the focus. */
export const linkId = (hash: string) => `open-${hash}`;

/** Router options for opening details over the list, which stays as it is. */
export const overList = { state: { fromList: true }, preventScrollReset: true };

/** An item by name; opens its details beside the list. */
export function ItemLink({ item }: { item: MediaRow }) {
  const { search } = useLocation();
  return (
    <Link
      id={linkId(item.hash)}
      className={styles.link}
      data-raw={item.media_title === null || undefined}
      data-clamp={item.media_title === null || undefined}
      to={{ pathname: `/media/${item.hash}`, search }}
      {...overList}
    >
      <bdi>{nameOf(item)}</bdi>
    </Link>
  );
}
