import { createPreference } from './preferences.ts';

/** What the screen calls the two names of a queue item; the API calls them `movie_code` and `actress`. */
export type QueueLabels = { code: string; performer: string };

export const defaultQueueLabels: QueueLabels = { code: 'Code', performer: 'Performer' };

/** The longest label that a column has room for. */
export const longestQueueLabel = 24;

const isLabel = (value: unknown) => typeof value === 'string' && value.length <= longestQueueLabel;

/** An empty label stands for the default. */
export const queueLabels = createPreference<QueueLabels>(
  'queue-labels',
  { code: '', performer: '' },
  (value): value is QueueLabels =>
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    'performer' in value &&
    isLabel(value.code) &&
    isLabel(value.performer),
);

export const shownLabels = ({ code, performer }: QueueLabels): QueueLabels => ({
  code: code.trim() || defaultQueueLabels.code,
  performer: performer.trim() || defaultQueueLabels.performer,
});
