import type { TextList } from '@at/contracts/paging';
import {
  IconBolt,
  IconBomb,
  IconBook,
  IconBuildingBank,
  IconCactus,
  IconDeviceTv,
  IconFingerprint,
  IconGhost,
  IconHeart,
  IconHeartBroken,
  IconHome,
  IconMessage,
  IconMoodHappy,
  IconMoodKid,
  IconMountain,
  IconMovie,
  IconMusic,
  IconNews,
  IconPencil,
  IconRocket,
  IconSwords,
  IconTent,
  IconWand,
  IconZoomQuestion,
} from '@tabler/icons-react';
import { none } from '#ui/format.ts';
import styles from '#ui/inline-list.module.css';
import { textsOf } from '#ui/text-list.ts';

export const genreIcons = new Map([
  ['Action', [IconBomb]],
  ['Adventure', [IconMountain]],
  ['Animation', [IconPencil]],
  ['Comedy', [IconMoodHappy]],
  ['Crime', [IconFingerprint]],
  ['Documentary', [IconBook]],
  ['Drama', [IconHeartBroken]],
  ['Family', [IconHome]],
  ['Fantasy', [IconWand]],
  ['History', [IconBuildingBank]],
  ['Horror', [IconGhost]],
  ['Kids', [IconMoodKid]],
  ['Music', [IconMusic]],
  ['Mystery', [IconZoomQuestion]],
  ['News', [IconNews]],
  ['Reality', [IconTent]],
  ['Romance', [IconHeart]],
  ['Science Fiction', [IconRocket]],
  ['Talk', [IconMessage]],
  ['Thriller', [IconBolt]],
  ['TV Movie', [IconDeviceTv]],
  ['War', [IconSwords]],
  ['Western', [IconCactus]],
  ['Action & Adventure', [IconBomb, IconMountain]],
  ['Sci-Fi & Fantasy', [IconRocket, IconWand]],
]);
const otherGenre = [IconMovie];

export function Genre({ name }: { name: string }) {
  return (
    <span className={styles.item}>
      {(genreIcons.get(name) ?? otherGenre).map((Icon, index) => (
        <Icon key={index} className={styles.icon} size={16} stroke={1.6} aria-hidden />
      ))}
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
