import type { TextList } from '@at/contracts/paging';
import { none } from '#ui/format.ts';
import styles from '#ui/inline-list.module.css';
import { textsOf } from '#ui/text-list.ts';

export const genreIcons = new Map([
  ['Action', '💥'],
  ['Adventure', '⛰️'],
  ['Animation', '✏️'],
  ['Comedy', '🤣'],
  ['Crime', '👮'],
  ['Documentary', '📚'],
  ['Drama', '💔'],
  ['Family', '🏠'],
  ['Fantasy', '🦄'],
  ['History', '🏛️'],
  ['Horror', '😱'],
  ['Kids', '👶'],
  ['Music', '🎵'],
  ['Mystery', '🔍'],
  ['News', '📰'],
  ['Reality', '🎪'],
  ['Romance', '💕'],
  ['Science Fiction', '🚀'],
  ['Talk', '💬'],
  ['Thriller', '⚡'],
  ['TV Movie', '📺'],
  ['War', '⚔️'],
  ['Western', '🤠'],
  ['Action & Adventure', '💥⛰️'],
  ['Sci-Fi & Fantasy', '🚀🦄'],
]);
const otherGenreIcon = '🎬';

export function Genre({ name }: { name: string }) {
  return (
    <span className={styles.item}>
      <span className={styles.icon} aria-hidden>
        {genreIcons.get(name) ?? otherGenreIcon}
      </span>
      {name}
    </span>
  );
}

/** Genres with their icons; a dash when there are none. */
export function Genres({ names }: { names: TextList | null }) {
  const genres = new Set(textsOf(names));
  if (genres.size === 0) return none;
  return (
    <ul className={styles.list} aria-label="Genres">
      {[...genres].map((name) => (
        <li key={name}>
          <Genre name={name} />
        </li>
      ))}
    </ul>
  );
}
