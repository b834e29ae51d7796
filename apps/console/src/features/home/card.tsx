import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import styles from './home.module.css';
import { homeTexts } from './texts.ts';

const { cards } = homeTexts;

export type CardId = Exclude<keyof typeof cards, 'news' | 'health'>;

export function Card({ id, children }: { id: CardId; children: ReactNode }) {
  return (
    <section className={styles.card} data-card={id} aria-labelledby={id}>
      <h2 id={id}>{cards[id]}</h2>
      {children}
    </section>
  );
}

/** The height of a list of three entries, in pixels. */
export const attentionHeight = 98;

/** The place of a card that loads. */
export function WaitingCard({ id, height }: { id: CardId; height: number }) {
  return (
    <Card id={id}>
      <Skeleton height={height} />
    </Card>
  );
}
