import { titleTexts } from './texts.ts';

export const titleListTexts = {
  toggleAnomalous: (title: string) => `Anomalous: ${title}`,
  anomalousMeans: (isMarked: boolean) =>
    `${isMarked ? 'Anomalous' : 'Mark as anomalous'}: ${titleTexts.legend.anomalous}`,
  withFiles: 'and remove its files',
  would: 'Would watch',
  wouldNot: 'Would not watch',
  watch: { title: 'Would watch', verb: 'Label' },
  not: { title: 'Would not watch', verb: 'Label' },
  reviewed: { title: 'Reviewed', verb: 'Confirm' },
  anomalous: { title: 'Anomalous', verb: 'Mark' },
  notAnomalous: { title: 'Not anomalous', verb: 'Unmark' },
  more: 'More',
  removesFiles: 'Removes their files too. Undo restores what is still in the trash.',
  titles: 'Titles',
  loadingDetails: 'Loading the details',
  columns: {
    ratings: 'Ratings',
    genre: 'Genres',
    countries: 'Countries',
    language: 'Original language',
    runtime: 'Runtime',
    imdb_rating: 'IMDb rating',
    imdb_id: 'IMDb id',
    added: 'Added',
    updated: 'Updated',
    prediction: 'Prediction',
    review: 'Reviewed',
  },
} as const;
