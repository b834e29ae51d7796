import type { MediaRow } from '@at/contracts/media';
import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import { imdbUrl, tmdbUrl } from '#titles/title-address.ts';
import { Copyable, LinkedId } from '#ui/copyable.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { none } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import styles from './item-drawer.module.css';
import { isLink } from './items.ts';
import { mediaTexts } from './texts.ts';

const { names, groups } = mediaTexts.details;
type Column = keyof typeof names & keyof MediaRow;

type Value = string | number | null | undefined;

const isBlank = (value: Value): value is null | undefined => value == null || String(value).trim() === '';

const plain = (value: Value) => (isBlank(value) ? none : <bdi>{value}</bdi>);

const copied = (column: Column, value: Value) =>
  isBlank(value) ? none : <Copyable value={value} what={names[column]} />;

/** A link if its scheme is safe to follow. */
function Link({ value }: { value: string | null }) {
  if (isBlank(value)) return none;
  return (
    <Copyable value={value} what={names.original_link}>
      {isLink(value) ? (
        <Anchor href={value.trim()} target="_blank" rel="noreferrer" inherit>
          {value}
        </Anchor>
      ) : (
        value
      )}
    </Copyable>
  );
}

const shown: { name: string; columns: [Column, (item: MediaRow) => ReactNode][] }[] = [
  {
    name: groups.release,
    columns: [
      ['original_title', (item) => copied('original_title', item.original_title)],
      ['media_type', (item) => mediaTexts.typeName(item.media_type)],
      ['season', (item) => plain(item.season)],
      ['episode', (item) => plain(item.episode)],
      ['release_year', (item) => plain(item.release_year)],
      ['resolution', (item) => plain(item.resolution)],
      ['video_codec', (item) => plain(item.video_codec)],
      ['audio_codec', (item) => plain(item.audio_codec)],
      ['upload_type', (item) => plain(item.upload_type)],
      ['uploader', (item) => plain(item.uploader)],
      ['rss_source', (item) => plain(item.rss_source)],
    ],
  },
  {
    name: groups.ids,
    columns: [
      ['hash', (item) => copied('hash', item.hash)],
      [
        'imdb_id',
        (item) =>
          item.imdb_id === null ? none : <LinkedId value={item.imdb_id} site="IMDb" href={imdbUrl(item.imdb_id)} />,
      ],
      [
        'tmdb_id',
        (item) => (item.tmdb_id === null ? none : <LinkedId value={item.tmdb_id} site="TMDB" href={tmdbUrl(item)} />),
      ],
    ],
  },
  {
    name: groups.places,
    columns: [
      ['parent_path', (item) => copied('parent_path', item.parent_path)],
      ['target_path', (item) => copied('target_path', item.target_path)],
      ['original_path', (item) => copied('original_path', item.original_path)],
      ['original_link', (item) => <Link value={item.original_link} />],
    ],
  },
  {
    name: groups.times,
    columns: [
      ['created_at', (item) => <RelativeTime at={item.created_at} />],
      ['updated_at', (item) => <RelativeTime at={item.updated_at} />],
      ['deleted_at', (item) => <RelativeTime at={item.deleted_at} />],
    ],
  },
];

/** Every column of the release itself. */
export function ItemFacts({ item }: { item: MediaRow }) {
  return shown.map(({ name, columns }) => (
    <section key={name} className={styles.group}>
      <h3>{name}</h3>
      <Facts>
        {columns.map(([column, show]) => (
          <Fact key={column} name={names[column]} column={column}>
            {show(item)}
          </Fact>
        ))}
      </Facts>
    </section>
  ));
}
