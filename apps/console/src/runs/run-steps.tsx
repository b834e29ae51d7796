import type { RunDetails, RunStep } from '@at/contracts/runs';
import { formatInteger } from '#ui/format.ts';
import json from '#ui/json.module.css';
import { known } from '#ui/known-word.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { attemptTime, taskName, workOf } from './describe-run.ts';
import { StateMark } from './run-parts.tsx';
import styles from './runs.module.css';
import { runsTexts as texts } from './texts.ts';

type RunError = NonNullable<RunStep['error']>;

function Failure({ error: { message, stack } }: { error: RunError }) {
  return (
    <div className={styles.error}>
      <p>
        <bdi>{message}</bdi>
      </p>
      {stack && (
        <details>
          <summary>{texts.stack}</summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard */}
          <pre className={json.code} tabIndex={0}>
            {stack}
          </pre>
        </details>
      )}
    </div>
  );
}

function Attempt({ attempt }: { attempt: RunStep['attempts'][number] }) {
  const { number, worker, outcome, error, started_at } = attempt;
  return (
    <li>
      <span className={styles.head}>
        <span>{texts.attempt(formatInteger(number))}</span>
        <span>{outcome === null ? texts.outcomes.running : (known(texts.outcomes, outcome) ?? outcome)}</span>
        <RelativeTime at={started_at} />
        <span>{attemptTime(attempt)}</span>
        {worker !== null && <bdi className={styles.text}>{texts.worker(worker)}</bdi>}
      </span>
      {error !== null && <Failure error={error} />}
    </li>
  );
}

/** The error of a step that none of its attempts has, such as that of a lost worker. */
function StepFailure({ step: { error, attempts } }: { step: RunStep }) {
  const isShown = attempts.some((attempt) => attempt.error?.message === error?.message);
  return error && !isShown && <Failure error={error} />;
}

/** The steps in their order with their attempts, each with its error; a failed one is open, its latest attempt first. */
export function RunSteps({ steps }: { steps: RunDetails['steps'] }) {
  return (
    <ol className={styles.steps} aria-label={texts.tabs.steps}>
      {steps.map((step) => (
        <li key={step.id}>
          <details open={step.error !== null || steps.length === 1}>
            <summary>
              <b>
                {step.ref !== null && steps.filter(({ task }) => task === step.task).length > 1
                  ? texts.step(taskName(step.task), step.ref)
                  : taskName(step.task)}
              </b>{' '}
              <StateMark state={step.state} /> {step.attempts.length > 0 && <span>{workOf(step)}</span>}
            </summary>
            {step.next_attempt_at !== null && (
              <p>
                {texts.next} <RelativeTime at={step.next_attempt_at} />
              </p>
            )}
            <StepFailure step={step} />
            <ol className={styles.attempts}>
              {step.attempts.toReversed().map((attempt) => (
                <Attempt key={attempt.number} attempt={attempt} />
              ))}
            </ol>
            {step.attempts.length === 0 && <p>{step.state === 'skipped' ? texts.notRunWhy : texts.noAttempt}</p>}
          </details>
        </li>
      ))}
    </ol>
  );
}
