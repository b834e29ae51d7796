import type { Evaluation, Matrix } from '@at/contracts/predictions';
import { Button, Skeleton, Text } from '@mantine/core';
import { type KeyboardEvent, Suspense } from 'react';
import { lazyPart } from '#live/lazy-part.ts';
import { formatThreshold, modelThreshold } from '#titles/verdict.ts';
import { formatDecimal } from '#ui/format.ts';
import { NumberField } from '#ui/number-field.tsx';
import { bestF1, cheapest, type Tally } from './evaluation.ts';
import styles from './predictions.module.css';
import { predictionTexts as texts } from './texts.ts';
import { costs, type PredictionsView, readThreshold } from './view.ts';

const Histogram = lazyPart(() => import('./histogram.tsx'), 'Histogram');

const sliderId = 'threshold';
const costId = 'cost';
export const focusThreshold = () => document.getElementById(sliderId)?.focus();

const HistogramTable = lazyPart(() => import('./histogram.tsx'), 'HistogramTable');

/** Steps of the slider by arrow key, without and with Shift. */
const steps = { coarse: 0.01, fine: 0.001 };
const histogramHeight = 172;

type Threshold = { threshold: number; onThreshold: (threshold: number) => void };

export function ThresholdNumber({ threshold, onThreshold }: Threshold) {
  return (
    <div className={styles.field}>
      <Text component="label" htmlFor={sliderId} fw={650}>
        {texts.threshold}
      </Text>
      <NumberField
        w={76}
        size="xs"
        aria-label={texts.thresholdNumber}
        min={0}
        max={1}
        step={steps.coarse}
        value={threshold}
        onNumber={(value) => onThreshold(readThreshold(value) ?? threshold)}
      />
    </div>
  );
}

export function ThresholdSlider({ threshold, onThreshold, ...others }: Threshold & { 'aria-describedby'?: string }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (direction === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const by = event.shiftKey ? steps.fine : steps.coarse;
    onThreshold(readThreshold(Math.min(1, Math.max(0, threshold + direction * by))) ?? threshold);
  };
  return (
    <input
      {...others}
      id={sliderId}
      className={styles.slider}
      type="range"
      min={0}
      max={1}
      step={steps.fine}
      value={threshold}
      onChange={(event) => onThreshold(readThreshold(event.currentTarget.value) ?? threshold)}
      onKeyDown={onKeyDown}
    />
  );
}

/** Sets the threshold: by slider, by number, or by preset. */
export function ThresholdPanel({
  view,
  histogram,
  matrix,
  tally,
  threshold,
  downloader,
  onThreshold,
  onChange,
}: {
  view: PredictionsView;
  histogram: Evaluation['histogram'];
  /** At the threshold. */
  matrix: Matrix;
  tally: Tally;
  threshold: number;
  /** The downloader's threshold; undefined: unknown. */
  downloader: number | undefined;
  onThreshold: (threshold: number) => void;
  onChange: (changes: Partial<PredictionsView>, options?: { replace?: boolean }) => void;
}) {
  const cost = view.cost * matrix.fp + matrix.fn;
  const presets = [
    { name: texts.presetDownloader, value: downloader },
    { name: texts.presetModel, value: modelThreshold },
    { name: texts.presetBestF1, value: bestF1(tally) },
    { name: texts.presetCheapest, value: cheapest(tally, view.cost) },
  ];
  return (
    <section className={styles.card} aria-label={texts.threshold}>
      <div className={styles.head}>
        <ThresholdNumber threshold={threshold} onThreshold={onThreshold} />
        <div className={styles.field}>
          <Text size="xs" component="label" htmlFor={costId}>
            {texts.cost}
          </Text>
          <NumberField
            id={costId}
            w={64}
            size="xs"
            {...costs}
            step={0.5}
            value={view.cost}
            onNumber={(value) => onChange({ cost: value, rows: view.rows }, { replace: true })}
          />
          <Text size="xs">{texts.costUnit(view.cost)}</Text>
        </div>
      </div>
      <Suspense
        fallback={<Skeleton height={histogramHeight} radius="sm" role="status" aria-label={texts.loadingChart} />}
      >
        <Histogram
          histogram={histogram}
          matrix={matrix}
          threshold={threshold}
          height={histogramHeight}
          onThreshold={onThreshold}
        />
      </Suspense>
      <ThresholdSlider threshold={threshold} onThreshold={onThreshold} aria-describedby={`${sliderId}-help`} />
      <div className={styles.foot}>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset needs a legend, for which there is no space */}
        <div className={styles.presets} role="group" aria-label={texts.presets}>
          {presets.map(
            ({ name, value }) =>
              value != null && (
                <Button
                  key={name}
                  size="compact-xs"
                  variant={threshold === value ? 'light' : 'default'}
                  aria-pressed={threshold === value}
                  onClick={() => onThreshold(value)}
                >
                  {texts.presetAt(name, formatThreshold(value))}
                </Button>
              ),
          )}
        </div>
      </div>
      <div className={styles.below}>
        <Text id={`${sliderId}-help`} size="xs" c="dimmed">
          {texts.thresholdHelp(formatDecimal(cost, Number.isInteger(cost) ? 0 : 2))}
        </Text>
        <Suspense>
          <HistogramTable histogram={histogram} />
        </Suspense>
      </div>
    </section>
  );
}
