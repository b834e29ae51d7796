/**
 * How these connections plan. The default price of a random read is that of a turning disk; here it lets Postgres read a
 * whole table for a thousand rows that an index finds sooner.
 */
export const planSettings = 'SET random_page_cost = 1.1';
