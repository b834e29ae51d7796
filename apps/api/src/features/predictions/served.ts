import type { PredictionQuery } from '@at/contracts/predictions';
import type { Served } from '#lists/served.ts';

export const served: Served<NonNullable<PredictionQuery['sort_by']>> = {
  filters: ['', 'cm_value=fp', 'cm_value=tn'],
  orders: ['sort_by=probability&sort_order=desc', 'sort_by=probability&sort_order=asc'],
  pages: ['', 'sort_order=asc', 'sort_by=imdb_id', 'sort_by=imdb_id&sort_order=asc'],
  quick: [
    { filters: [], orders: ['created_at', 'imdb_id', 'probability'] },
    { filters: ['cm_value'], orders: ['probability'] },
  ],
};
