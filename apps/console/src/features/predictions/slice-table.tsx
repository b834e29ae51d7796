import type { Slice, SliceDimension, Slices } from '@at/contracts/predictions';
import { sliceDimensions } from '@at/contracts/predictions';
import { Button, NativeSelect, NumberInput, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queryClient } from '#api/query-client.ts';
import { DataTable, type TableColumn } from '#lists/data-table.tsx';
import type { ChangeView } from '#lists/use-view.ts';
import { formatShare } from '#titles/confusion-matrix.tsx';
import { Country } from '#titles/country.tsx';
import { Genre } from '#titles/genre.tsx';
import { imdbScale } from '#titles/radar.ts';
import { sayCountedAt } from '#ui/counted-at.ts';
import { formatDecimal, formatInteger, formatLanguage, none } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { chartTexts } from './charts.texts.ts';
import styles from './predictions.module.css';
import table from './slice-table.module.css';
import { slicesOf } from './slices-query.ts';
import { predictionTexts as texts } from './texts.ts';
import type { PredictionsView } from './view.ts';

/** The name of a slice without the icon. */
function nameOf(by: SliceDimension, slice: string): string {
  if (by === 'decade') return chartTexts.slices.decade(slice);
  if (by === 'rating')
    return chartTexts.slices.range(String(Number(slice) / imdbScale), String(Number(slice) / imdbScale + 1));
  return by === 'language' ? formatLanguage(slice) : slice;
}

function SliceName({ by, slice }: { by: SliceDimension; slice: string }) {
  if (by === 'genre') return <Genre name={slice} />;
  return by === 'country' ? <Country code={slice} /> : nameOf(by, slice);
}

/** The error rate with its interval, on a scale up to `top`, and the rate of all titles. */
function Interval({ slice, whole, top }: { slice: Slice; whole: number; top: number }) {
  const at = (rate: number) => `${(100 * rate) / top}%`;
  const { error_rate: rate, error_rate_low: low, error_rate_high: high } = slice;
  const apart = low > whole ? 'above' : high < whole ? 'below' : undefined;
  return (
    <svg className={table.interval} height={18} aria-hidden data-apart={apart}>
      <line className={table.whole} x1={at(whole)} x2={at(whole)} y1={0} y2={18} />
      <line className={table.range} x1={at(low)} x2={at(high)} y1={9} y2={9} />
      <circle className={table.rate} cx={at(rate)} cy={9} r={4} />
    </svg>
  );
}

/** A slice, or all titles. */
type Row = Pick<Slices['whole'], 'error_rate' | 'labelled' | 'matrix'> & { slice: Slice | null };

function columnsOf({ by, data, whole }: Slices, onOpen: (filter: string) => void): TableColumn<Row>[] {
  const rate = whole.error_rate ?? 0;
  const top = Math.max(0.01, ...data.map((slice) => slice.error_rate_high));
  const { columns } = chartTexts.slices;
  return [
    {
      id: 'slice',
      name: columns.slice,
      heading: true,
      show: ({ slice }) =>
        slice === null ? (
          chartTexts.slices.whole
        ) : slice.slice.trim() === '' ? (
          // No filter finds an empty name.
          none
        ) : (
          <Button
            size="compact-sm"
            variant="subtle"
            color="gray"
            className={table.open ?? ''}
            aria-label={chartTexts.slices.open(nameOf(by, slice.slice))}
            onClick={() => onOpen(slice.filter)}
          >
            <SliceName by={by} slice={slice.slice} />
          </Button>
        ),
    },
    { id: 'error', name: columns.error, align: 'end', show: ({ error_rate }) => formatShare(error_rate) },
    {
      id: 'interval',
      name: columns.interval,
      show: ({ slice }) =>
        slice && (
          <div className={table.drawn}>
            <Interval slice={slice} whole={rate} top={top} />
            <span>
              {chartTexts.slices.range(formatShare(slice.error_rate_low), formatShare(slice.error_rate_high))}
            </span>
          </div>
        ),
    },
    {
      id: 'departure',
      name: columns.departure,
      align: 'end',
      wide: true,
      show: ({ slice }) =>
        slice &&
        `${slice.departure > 0 ? '+' : slice.departure < 0 ? '−' : ''}${chartTexts.slices.points(
          formatDecimal(Math.abs(100 * slice.departure), 1),
        )}`,
    },
    { id: 'labelled', name: columns.labelled, align: 'end', show: ({ labelled }) => formatInteger(labelled) },
    { id: 'fp', name: columns.fp, align: 'end', wide: true, show: ({ matrix }) => formatInteger(matrix.fp) },
    { id: 'fn', name: columns.fn, align: 'end', wide: true, show: ({ matrix }) => formatInteger(matrix.fn) },
  ];
}

function SliceRows({ slices, onOpen }: { slices: Slices; onOpen: (filter: string) => void }) {
  return (
    <section className={table.rows} aria-label={texts.tabs.slices}>
      <DataTable
        plain
        rows={[{ ...slices.whole, slice: null }, ...slices.data.map((slice): Row => ({ ...slice, slice }))]}
        keyOf={({ slice }) => (slice ? `slice ${slice.slice}` : 'whole')}
        columns={columnsOf(slices, onOpen)}
        attributesOf={({ slice }) => ({ 'data-whole': slice === null || undefined })}
      />
    </section>
  );
}

/** Where the model is wrong more or less often than on all titles; each slice opens as a filter of the list. */
export function SliceTable({
  view,
  onChange,
  onOpen,
}: {
  view: PredictionsView;
  onChange: ChangeView<PredictionsView>;
  onOpen: (filter: string) => void;
}) {
  const { data, error, refetch } = useQuery(slicesOf(view), queryClient);
  const [minimum, writeMinimum] = useDebouncedValue<number | string>(
    view.minimum,
    (least) => onChange({ minimum: Number(least), rows: view.rows }, { replace: true }),
    300,
  );
  return (
    <div className={styles.card}>
      <div className={table.tools}>
        <NativeSelect
          label={chartTexts.slices.by}
          value={view.by}
          onChange={(event) => onChange({ by: event.currentTarget.value as SliceDimension, rows: view.rows })}
          data={sliceDimensions.map((by) => ({ value: by, label: chartTexts.slices.dimensions[by] }))}
        />
        <NumberInput
          label={chartTexts.slices.minimum}
          min={1}
          max={1_000_000}
          allowDecimal={false}
          value={minimum}
          onChange={(least) => writeMinimum(least, typeof least === 'number' && least >= 1)}
        />
      </div>
      <Text size="xs" c="dimmed" my={8}>
        {chartTexts.slices.help} {sayCountedAt(data?.countedAt)}
      </Text>
      {!data && error && <LoadFailure what={texts.notLoaded.slices} error={error} retry={refetch} />}
      {data && data.slices.data.length > 0 && <SliceRows slices={data.slices} onOpen={onOpen} />}
      {data && (
        <Text size="sm" mt={8} role="status">
          {data.slices.data.length === 0 && chartTexts.slices.empty}{' '}
          {data.slices.too_small > 0 &&
            chartTexts.slices.tooSmall(data.slices.too_small, formatInteger(data.slices.too_small))}
        </Text>
      )}
      {!data && !error && <Skeleton height={320} radius="sm" role="status" aria-label={chartTexts.slices.reading} />}
    </div>
  );
}
