import type { Meta, Readiness as ReadinessReply } from '@at/contracts/system';
import { type ReactNode, useState } from 'react';
import { connection } from '#state/connection.ts';
import { useStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { Status, type Tone } from '#ui/status.tsx';
import styles from './home.module.css';
import { migrationState, shownLatency } from './platform.tsx';
import { homeTexts } from './texts.ts';

const { health: texts, readiness: readinessTexts } = homeTexts;

type Props = {
  facts: Meta | null;
  latency: number | null;
  /** undefined: it could not be loaded. */
  readiness: ReadinessReply | undefined;
  children: ReactNode;
};

/** One line, which opens; open from the start if something is wrong. */
export function HealthLine({ facts, latency, readiness, children }: Props) {
  const state = useStore(connection, (value) => value.state);
  const checks = readiness?.checks ?? [];
  const degraded = checks.filter(({ status }) => status === 'degraded').length;
  const [tone, text]: [Tone, string] =
    state === 'down'
      ? ['bad', texts.unreachable]
      : !readiness || !facts
        ? ['neutral', texts.unknown]
        : readiness.status === 'not ready' || !facts.database.reachable
          ? ['bad', readinessTexts.notReady]
          : degraded > 0
            ? ['warning', readinessTexts.degraded(formatInteger(degraded))]
            : ['good', readinessTexts.ready];
  const histories = facts?.schemas.map(migrationState) ?? [];
  const isGood = tone === 'good' && histories.every(([one]) => one !== 'bad' && one !== 'warning');
  // Decided once: nothing on the page moves when something breaks while it is looked at; the line itself says so.
  const [isOpen, setOpen] = useState(!isGood);
  const parts = facts
    ? [
        latency !== null && `${texts.api} ${shownLatency(latency)}`,
        `${texts.database} ${latencyText(facts.database.latency_ms)}`,
        `${texts.transmission} ${transmissionText(facts, checks)}`,
        facts.version,
      ]
    : [];
  return (
    <details
      className={`${styles.card} ${styles.wide}`}
      id="health"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => setOpen(open)}
    >
      <summary className={styles.health}>
        <h2>{homeTexts.cards.health}</h2> <Status tone={tone}>{text}</Status>
        {/* Unknown during an outage, but they keep their room. */}
        <span className={styles.parts} data-hidden={state === 'down' || undefined}>
          {parts.filter(Boolean).join(' · ')}
        </span>
      </summary>
      <div className={styles.healthCards}>{children}</div>
    </details>
  );
}

const latencyText = (ms: number | null) => (ms === null ? texts.unreachable.toLowerCase() : shownLatency(ms));

function transmissionText(facts: Meta, checks: ReadinessReply['checks']): string {
  if (!facts.configured.transmission) return texts.notConfigured.toLowerCase();
  const check = checks.find(({ name }) => name === 'transmission');
  if (!check) return texts.unknown.toLowerCase();
  return latencyText(check.status === 'ok' ? (check.ms ?? 0) : null);
}
