import { plural } from '#ui/plural.ts';

/** Texts of what waits in Migrations, which every page loads. */
export const attentionTexts = {
  failed: (count: number) => plural(count, { one: 'failed migration', other: 'failed migrations' }),
  pending: (count: number) => plural(count, { one: 'migration not applied', other: 'migrations not applied' }),
  show: 'Show migrations',
} as const;
