import { keyMap } from '#keys/bindings.ts';
import { titleListKeys } from '#titles/title-list-keys.ts';
import { titleListTexts } from '#titles/title-row.texts.ts';
import { predictionTexts } from './texts.ts';

const { keys: labels } = predictionTexts;

export const predictionKeys = keyMap({
  id: 'predictions',
  title: predictionTexts.name,
  page: 'predictions',
  keys: {
    search: { keys: ['/'], label: labels.search },
    threshold: { keys: ['t'], label: labels.threshold },
    refresh: { keys: ['r'], label: labels.refresh },
    tp: { keys: ['1'], label: labels.cell.tp },
    fn: { keys: ['2'], label: labels.cell.fn },
    fp: { keys: ['3'], label: labels.cell.fp },
    tn: { keys: ['4'], label: labels.cell.tn },
  },
});

export const predictedTitleKeys = keyMap({
  id: 'predicted-titles',
  title: titleListTexts.titles,
  page: 'predictions',
  keys: { ...titleListKeys, more: { keys: ['m'], label: labels.more } },
});
