/**
 * Planner settings of these connections. The default cost of a random read fits spinning disks; with it PostgreSQL scans
 * a whole table for a thousand rows that an index finds faster.
 */
export const planSettings = 'SET random_page_cost = 1.1';
