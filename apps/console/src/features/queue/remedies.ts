import type { QueueItem } from '@at/contracts/queue';
import type { QueueAction } from '@at/contracts/queue-rule';
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

/** Failures by their message, and what ends each; the first that matches counts. */
const remedies: readonly [failure: RegExp, remedy: Remedy][] = [
  [/ has no code\b/, { text: texts.noCode, action: 'code', isOnly: true }],
  [/^The provider does not know /, { text: texts.unknownCode, action: 'code' }],
  [/\bno metadata\b/, { text: texts.noMetadata, action: 'fetch-metadata', isOnly: true }],
  [/\bis not in the library\b/, { text: texts.notMoved, action: 'rename-file', isOnly: true }],
  [/\bno longer in its place\b|\bdisappeared\b/, { text: texts.gone, action: 'retry' }],
  [/\bhas changed since\b|\bwas changed by\b/, { text: texts.changed, action: 'full-retry' }],
  [/\bother values than were written\b/, { text: texts.otherValues, action: 'update-emby' }],
  [/\bhas not found the file\b/, { text: texts.notFound, action: 'retry' }],
  [/^Not configured\b|\bis not configured\b|\bCheck [A-Z]+_[A-Z_]+/, { text: texts.setting, action: 'retry' }],
  [/\bin the trash: remove it again\b/, { text: texts.removal, action: 'delete-file' }],
  [/\b(taken|exists)\b/, { text: texts.taken, action: 'rename-file' }],
  [/\bunreachable\b|\bnot respond\b|\bfault of its own\b|\brefuses more\b/, { text: texts.noServer, action: 'retry' }],
  [/\bdisk\b|\bspace\b|\bmounted\b|\bfolder/i, { text: texts.disk, action: 'retry' }],
  [/^Cancelled by /, { text: texts.cancelled, action: 'retry' }],
];

/** The next step after a failure. */
export function remedyOf({ failed_step, error_message }: Pick<QueueItem, 'failed_step' | 'error_message'>): Remedy {
  if (failed_step === 'remove_file') return { text: texts.removal, action: 'delete-file' };
  const [, remedy] = remedies.find(([failure]) => failure.test(error_message ?? '')) ?? [];
  return remedy ?? { text: texts.retry, action: 'retry' };
}
