import type { QueueItem } from '@at/contracts/queue';
import type { QueueAction } from '@at/contracts/queue-rule';
import type { FailureCode } from '@at/contracts/vocabulary';
import { known } from '#ui/known-word.ts';
import { remedyTexts as texts } from './remedies.texts.ts';

/** What a person does about a failure. */
export type Remedy = {
  /** The next step, as a sentence. */
  text: string;
  /** The action that carries it out. `code`: set the code. */
  action: QueueAction | 'code';
  /** A retry without it fails again. */
  isOnly?: true;
};

const removal: Remedy = { text: texts.removal, action: 'delete-file' };
const retry = (text: string): Remedy => ({ text, action: 'retry' });

const remedies: Readonly<Record<FailureCode, Remedy>> = {
  code_missing: { text: texts.noCode, action: 'code', isOnly: true },
  code_unknown: { text: texts.unknownCode, action: 'code' },
  metadata_missing: { text: texts.noMetadata, action: 'fetch-metadata', isOnly: true },
  not_in_library: { text: texts.notMoved, action: 'rename-file', isOnly: true },
  item_removed: retry(texts.retry),
  file_gone: retry(texts.gone),
  file_changed: { text: texts.changed, action: 'full-retry' },
  file_outside: retry(texts.outside),
  file_in_trash: removal,
  file_busy: retry(texts.retry),
  place_taken: { text: texts.taken, action: 'rename-file' },
  folders_nested: retry(texts.nested),
  server_lacks_file: retry(texts.notFound),
  server_differs: { text: texts.otherValues, action: 'update-emby' },
  unreachable: retry(texts.noServer),
  limited: retry(texts.limited),
  refused: retry(texts.setting),
  unusable: retry(texts.unusable),
  disk_full: retry(texts.disk),
  disk_unavailable: retry(texts.disk),
  disk_refused: retry(texts.disk),
  workers_lost: retry(texts.retry),
  incomplete: retry(texts.retry),
  timeout: retry(texts.retry),
  cancelled: retry(texts.cancelled),
  unexpected: retry(texts.retry),
};

/** The next step after a failure. */
export function remedyOf({ failed_step, error_code }: Pick<QueueItem, 'failed_step' | 'error_code'>): Remedy {
  if (failed_step === 'remove_file') return removal;
  return known(remedies, error_code ?? '') ?? remedies.unexpected;
}
