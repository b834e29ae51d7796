import type { MediaRow } from '@at/contracts/media';
import type { TrainingRow } from '@at/contracts/training';
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Countries } from '#titles/country.tsx';
import { Genres } from '#titles/genre.tsx';
import { LabelBadge, ProbabilityBadge } from '#titles/label-badges.tsx';
import { Poster } from '#titles/poster.tsx';
import { Radar } from '#titles/radar.tsx';
import { titleAddress } from '#titles/title-address.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatRuntime } from '#ui/format.ts';
import { Part } from '#ui/load-failure.tsx';
import styles from './item-drawer.module.css';
import { mediaTexts } from './texts.ts';

const texts = mediaTexts.details;

function Verdict({ title }: { title: TrainingRow | undefined }) {
  if (title === undefined) return <Text size="sm">{texts.titleNotLabelled}</Text>;
  return (
    <Facts>
      <Fact name={texts.names.label}>
        <LabelBadge label={title.label} />
      </Fact>
      <Fact name={texts.names.probability}>
        <ProbabilityBadge title={title} />
      </Fact>
    </Facts>
  );
}

/** The title of the release. */
export function ItemTitle({ item, title }: { item: MediaRow; title: PromiseSettledResult<TrainingRow | undefined> }) {
  const { imdb_id } = item;
  return (
    <section className={styles.group}>
      <h3>{texts.groups.title}</h3>
      {imdb_id === null ? (
        <Text size="sm">{texts.noTitle}</Text>
      ) : (
        <div className={styles.title}>
          <div>
            {title.status === 'fulfilled' && title.value && (
              <Poster title={title.value} height={150} style={{ float: 'inline-start', margin: '4px 14px 8px 0' }} />
            )}
            <Facts>
              <Fact name={texts.names.genre}>
                <Genres names={item.genre} />
              </Fact>
              <Fact name={texts.names.origin_country}>
                <Countries codes={item.origin_country} />
              </Fact>
              <Fact name={texts.names.runtime}>{formatRuntime(item.runtime)}</Fact>
            </Facts>
            <Part result={title} what={texts.titleFailed}>
              {(found) => <Verdict title={found} />}
            </Part>
            <Anchor size="sm" component={Link} to={titleAddress(imdb_id)}>
              {texts.openTraining}
            </Anchor>
          </div>
          <Radar title={item} size={120} />
          {item.overview !== null && (
            <p className={styles.overview} dir="auto">
              {item.overview}
            </p>
          )}
        </div>
      )}
    </section>
  );
}
