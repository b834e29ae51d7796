import type { MovieSort } from '@at/contracts/movies';
import { cmValues } from '@at/contracts/vocabulary';
import type { Served } from '#lists/served.ts';

export const served: Served<MovieSort> = {
  filters: [
    '',
    'media_type=movie',
    'media_type=movie&reviewed=false',
    'media_type=movie&anomalous=true',
    'media_type=movie&label=would_watch',
    'media_type=movie&label=none',
    ...cmValues.flatMap((cell) => [
      `cm_value=${cell}`,
      `media_type=movie&cm_value=${cell}`,
      `cell=${cell}&threshold=0.35`,
      `media_type=movie&cell=${cell}&threshold=0.35`,
      `media_type=movie&cell=${cell}&threshold=0.98`,
    ]),
    'media_type=movie&cell=errors&threshold=0.35',
    'media_type=movie&prediction=1',
    'media_type=movie&release_year=1994',
    'media_type=movie&release_year_min=1990&release_year_max=1999',
    'media_type=movie&genre=Crime,War',
    'media_type=movie&q=ha',
    'media_type=movie&q=12345',
    'media_type=movie&q=tt1001',
    'probability_min=0.4&probability_max=0.6',
  ],
  orders: ['sort_by=probability&sort_order=desc', 'sort_by=probability&sort_order=asc'],
  pages: [
    '',
    'order=uncertain',
    'media_type=movie&cm_value=errors&order=disagree&threshold=0.35',
    'label=would_watch&order=disagree&threshold=0.35',
    ...['', 'media_type=movie', 'cell=errors', 'media_type=movie&cell=errors', 'media_type=movie&cell=fp'].flatMap(
      (of) => [0.1, 0.35, 0.98].map((threshold) => `${of}&order=disagree&threshold=${threshold}`),
    ),
    'order=random&seed=7',
    'sort_by=prediction_created_at',
    'sort_by=training_updated_at',
    'media_type=movie&order=uncertain',
  ],
  quick: [
    { filters: [], orders: ['probability', 'prediction_created_at'] },
    { filters: ['cm_value'], orders: ['probability'] },
  ],
};
