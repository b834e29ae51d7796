/** The words of Training's list: its columns, and what is done to many titles at once. */
export const trainingListTexts = {
  andFiles: 'and remove its files',
  watch: { title: 'Would watch', verb: 'Label' },
  not: { title: 'Would not watch', verb: 'Label' },
  reviewed: { title: 'Reviewed', verb: 'Confirm' },
  anomalous: { title: 'Anomalous', verb: 'Mark' },
  notAnomalous: { title: 'Not anomalous', verb: 'Unmark' },
  more: 'More',
  removesFiles: 'Removes their files too: taken back, what is still in the trash comes back.',
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
    prediction: "The model's word",
    review: 'Reviewed',
  },
} as const;
