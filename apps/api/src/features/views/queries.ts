import type { SavedView } from '@at/contracts/views';
import type { DB } from '@at/db/schema';
import { type Kysely, sql } from 'kysely';

const columns = ['id', 'page', 'name', 'query', 'shared', 'owner', 'created_at', 'updated_at'] as const;

/** What one person may see: their own and the shared ones, a thousand at most. */
export async function findViews(db: Kysely<DB>, owner: string, page: string | undefined): Promise<SavedView[]> {
  let query = db
    .selectFrom('console.view')
    .select(columns)
    .where((eb) => eb.or([eb('owner', '=', owner), eb('shared', '=', true)]));
  if (page !== undefined) query = query.where('page', '=', page);
  return query.orderBy('page').orderBy('name').orderBy('id').limit(1000).execute();
}

type NewView = Pick<SavedView, 'page' | 'name' | 'query' | 'shared' | 'owner'>;

/** undefined: the owner has one of this name on the page. */
export async function insertView(db: Kysely<DB>, view: NewView): Promise<SavedView | undefined> {
  return db
    .insertInto('console.view')
    .values(view)
    .onConflict((conflict) => conflict.columns(['owner', 'page', 'name']).doNothing())
    .returning(columns)
    .executeTakeFirst();
}

/** The view as `owner` may see it, held until the transaction ends. */
export async function lockView(trx: Kysely<DB>, id: string, owner: string): Promise<SavedView | undefined> {
  return trx
    .selectFrom('console.view')
    .select(columns)
    .where('id', '=', id)
    .where((eb) => eb.or([eb('owner', '=', owner), eb('shared', '=', true)]))
    .forUpdate()
    .executeTakeFirst();
}

/** undefined: its owner has another one of this name on the page; then nothing more can be done in the transaction. */
export async function changeView(
  trx: Kysely<DB>,
  id: string,
  change: Partial<Pick<SavedView, 'name' | 'query' | 'shared'>>,
): Promise<SavedView | undefined> {
  try {
    return await trx
      .updateTable('console.view')
      .set({ ...change, updated_at: sql<string>`clock_timestamp()` })
      .where('id', '=', id)
      .returning(columns)
      .executeTakeFirst();
  } catch (error) {
    if ((error as { code?: string }).code === '23505') return undefined;
    throw error;
  }
}

export async function removeView(trx: Kysely<DB>, id: string): Promise<void> {
  await trx.deleteFrom('console.view').where('id', '=', id).execute();
}
