import { IconAlertTriangle, IconCircleCheck, IconCircleDashed, IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import styles from './status.module.css';

export type Tone = 'good' | 'warning' | 'bad' | 'neutral';

const icons = { good: IconCircleCheck, warning: IconAlertTriangle, bad: IconCircleX, neutral: IconCircleDashed };

/** The word for a state with its icon and colour. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  const Icon = icons[tone];
  return (
    <span className={styles.mark} data-tone={tone}>
      <Icon size={16} stroke={2} aria-hidden="true" />
      {children}
    </span>
  );
}
