import type { TextList } from '@at/contracts/paging';

/** The texts of a list, also of nested ones; without elements that are missing or empty. */
export const textsOf = (list: TextList | null): string[] =>
  ((list ?? []) as TextList).flat(5).filter((text): text is string => typeof text === 'string' && text.trim() !== '');
