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
