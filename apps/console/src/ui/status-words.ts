import { formatWord } from './format.ts';
import { known } from './known-word.ts';

/** The statuses of media items whose word alone does not say which of the two it is. */
const names = {
  pipeline_status: { rejected: 'pipeline rejected' },
  rejection_status: {
    unfiltered: 'not filtered',
    accepted: 'filter accepted',
    rejected: 'filter rejected',
    override: 'filter overridden',
  },
} satisfies Record<string, Record<string, string>>;

/** A word of a column by its one name: on badges, in filters, and in what changed. */
export const formatStatus = (column: string, word: string): string =>
  known<string>(known<Record<string, string>>(names, column) ?? {}, word) ?? formatWord(word);
