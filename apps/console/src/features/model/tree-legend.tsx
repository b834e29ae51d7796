import { formatInteger } from '#ui/format.ts';
import { modelTexts } from './texts.ts';
import styles from './tree.module.css';

const texts = modelTexts.legend;
const steps = [-3, -2, -1, 0, 1, 2, 3];

/** How to read a tree. */
export function TreeLegend() {
  return (
    <section className={styles.legend} aria-label={texts.title}>
      <p>{texts.question}</p>
      <ul>
        <li>
          <Sample answer="no" /> {texts.no}
        </li>
        <li>
          <Sample answer="yes" /> {texts.yes}
        </li>
        <li>{texts.missing}</li>
        <li>{texts.set}</li>
      </ul>
      <p>{texts.leaf}</p>
      <div className={styles.scale}>
        <span>{texts.not}</span>
        <ol aria-label={texts.steps}>
          {steps.map((step) => (
            <li key={step} data-step={step}>
              {formatInteger(Math.round((step * 25) / 3))}
            </li>
          ))}
        </ol>
        <span>{texts.watch}</span>
      </div>
    </section>
  );
}

function Sample({ answer }: { answer: 'yes' | 'no' }) {
  return (
    <svg width={34} height={10} viewBox="0 0 34 10" aria-hidden="true">
      <path className={styles.line} data-answer={answer} d="M0,5H34" />
    </svg>
  );
}
