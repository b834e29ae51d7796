import type { MediaRow } from '@at/contracts/media';
import type { TrainingRow } from '@at/contracts/training';
import { Anchor, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { Countries } from '#titles/country.tsx';
import { Genres } from '#titles/genre.tsx';
import { LabelBadge, ProbabilityBadge } from '#titles/label-badges.tsx';
import { Radar } from '#titles/radar.tsx';
import { formatRuntime } from '#ui/format.ts';
import { Part } from '#ui/load-failure.tsx';
import styles from './item-drawer.module.css';
import { mediaTexts } from './texts.ts';

const texts = mediaTexts.details;

function Field({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.field}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Verdict({ title }: { title: TrainingRow | null }) {
  if (title === null) return <Text size="sm">{texts.titleNotLabelled}</Text>;
  return (
    <dl className={styles.fields}>
      <Field name={texts.names.label}>
        <LabelBadge label={title.label} />
      </Field>
      <Field name={texts.names.probability}>
        <ProbabilityBadge probability={title.probability} prediction={title.prediction} />
      </Field>
    </dl>
  );
}

/** What is known of the title that the release is of. */
export function ItemTitle({ item, title }: { item: MediaRow; title: PromiseSettledResult<TrainingRow | null> }) {
  const { imdb_id } = item;
  return (
    <section className={styles.group}>
      <h3>{texts.groups.title}</h3>
      {imdb_id === null ? (
        <Text size="sm">{texts.noTitle}</Text>
      ) : (
        <div className={styles.title}>
          <div>
            <dl className={styles.fields}>
              <Field name={texts.names.genre}>
                <Genres names={item.genre} />
              </Field>
              <Field name={texts.names.origin_country}>
                <Countries codes={item.origin_country} />
              </Field>
              <Field name={texts.names.runtime}>{formatRuntime(item.runtime)}</Field>
            </dl>
            <Part result={title} what={texts.titleFailed}>
              {(found) => <Verdict title={found} />}
            </Part>
            <Anchor
              size="sm"
              component={Link}
              to={`/training?${new URLSearchParams({ view: 'list', media_type: 'all', reviewed: 'all', q: imdb_id })}`}
            >
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
