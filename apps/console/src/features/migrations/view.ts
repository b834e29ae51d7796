import { flywaySchemas, flywaySorts } from '@at/contracts/migrations';
import { sortOrders } from '@at/contracts/paging';
import { choice, defineView, type ViewOf } from '#lists/define-view.ts';

export type FlywaySchema = (typeof flywaySchemas)[number];
export type FlywaySort = (typeof flywaySorts)[number];

export const migrationsView = defineView({
  fields: {
    schema: choice(flywaySchemas, 'public'),
    sort: choice(flywaySorts, 'version'),
    order: choice(sortOrders, 'desc'),
  },
  paging: [],
});
export type View = ViewOf<typeof migrationsView>;
export const { read: readView, write: writeView } = migrationsView;

/** A new column starts with the newest row; the same column reverses. */
export function sortBy(view: View, sort: FlywaySort): View {
  return { ...view, sort, order: view.sort === sort && view.order === 'desc' ? 'asc' : 'desc' };
}
