import { keyMap } from '#keys/bindings.ts';
import { predictionTexts } from './texts.ts';

const { keys: labels, titles } = predictionTexts;

export const predictionKeys = keyMap({
  id: 'predictions',
  title: predictionTexts.name,
  page: 'predictions',
  keys: {
    search: { keys: ['/'], label: labels.search },
    threshold: { keys: ['t'], label: labels.threshold },
    tp: { keys: ['1'], label: labels.cell.tp },
    fn: { keys: ['2'], label: labels.cell.fn },
    fp: { keys: ['3'], label: labels.cell.fp },
    tn: { keys: ['4'], label: labels.cell.tn },
  },
});

export const predictedTitleKeys = keyMap({
  id: 'predicted-titles',
  title: titles,
  page: 'predictions',
  keys: {
    next: { keys: ['j', 'ArrowDown'], label: labels.next, repeats: true },
    previous: { keys: ['k', 'ArrowUp'], label: labels.before, repeats: true },
    watch: { keys: ['w'], label: labels.would },
    not: { keys: ['n'], label: labels.wouldNot },
    anomalous: { keys: ['a'], label: labels.anomalous },
    rerun: { keys: ['r'], label: labels.rerun },
    undo: { keys: ['u', 'mod+z'], label: labels.undo },
    details: { keys: ['d'], label: labels.details },
    select: { keys: ['x'], label: labels.select },
    more: { keys: ['m'], label: labels.more },
  },
});
