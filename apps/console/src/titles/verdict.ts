import type { Label } from '@at/contracts/vocabulary';
import { useServerInfo } from '#api/server-info.ts';
import { formatDecimal } from '#ui/format.ts';
import { isProbability } from './probability.ts';
import { titleTexts } from './texts.ts';

/** What the model says of a title: would watch from the threshold on, which is always named beside it. */

/** The threshold of the model's stored `prediction` and cell. */
export const modelThreshold = 0.5;

/** From this probability on the downloader acts; undefined: the API has not said it yet. */
export const useOperatingThreshold = () => useServerInfo()?.operating_threshold;

/** With at least two decimals. */
export function formatThreshold(threshold: number): string {
  return formatDecimal(threshold, Number.isInteger(Math.round(threshold * 1000) / 10) ? 2 : 3);
}

/** What the columns of an exported title say. */
export const exportNote = titleTexts.exportNote(formatThreshold(modelThreshold));

/** undefined: the number is no probability. */
export function verdictAt(threshold: number, probability: number): Label | undefined {
  if (!isProbability(probability)) return undefined;
  return probability >= threshold ? 'would_watch' : 'would_not_watch';
}
