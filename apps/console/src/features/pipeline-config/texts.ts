import { known } from '#ui/known-word.ts';
import { plural } from '#ui/plural.ts';
import { fieldTexts } from './field-texts.ts';

/** Texts of the page Configuration. */
export const configTexts = {
  page: 'Configuration',
  use: 'Scans, batches, syncs, sorting and cleanup use these values. Stored but not used yet: the folder for temporary files and the detailed log of runs.',
  tabsLabel: 'Parts of the configuration',
  tabs: { form: 'Form', yaml: 'YAML', sync: 'Sync', versions: 'Versions', presets: 'Presets' },
  initial: (value: string) => `Default: ${value}`,
  empty: 'empty',
  on: 'on',
  off: 'off',
  secretSet: 'A key is set',
  removeSecret: 'Remove the key',
  changed: (count: number) => `${count} ${plural(count, { one: 'change', other: 'changes' })}`,
  noChanges: 'Nothing has changed',
  review: 'Review changes',
  discard: 'Discard',
  dialog: {
    title: 'Save these changes?',
    restoreTitle: (id: number) => `Restore version ${id}?`,
    sameValues: 'No value changes, only comments or the layout of the YAML.',
    warnings: 'Warnings',
    save: 'Save',
    restore: 'Restore',
    cancel: 'Cancel',
  },
  becomes: 'becomes',
  saved: 'Configuration saved',
  notSaved: 'The configuration was not saved',
  notChecked: 'The changes cannot be saved',
  fix: 'Correct these values:',
  stale: {
    title: 'The configuration has changed since you began',
    text: 'Your changes are kept here but not saved. Saved since then:',
    unlisted: 'Older changes are on the Versions tab',
    by: (id: number, actor: string) => `Version ${id} by ${actor}`,
    adopt: 'Continue with the current version',
    adoptHint: 'You can then review your changes against it before you save.',
  },
  yaml: {
    label: 'Configuration as YAML',
    hint: 'Comments are kept. A saved secret is shown as stars; leave them to keep it.',
    download: 'Download',
    loading: 'Loading the YAML',
    failed: 'The YAML',
  },
  versions: {
    none: { title: 'No versions yet', text: 'Each change that is saved becomes a version.' },
    of: (id: number) => `Version ${id}`,
    by: 'by',
    restored: (id: number) => `has the values of version ${id}`,
    commentsOnly: 'Only comments changed',
    current: 'Current',
    restore: (id: number) => `Restore version ${id}`,
    older: 'Older versions',
    newest: 'Newest versions',
  },
  presets: {
    own: 'Your preset',
    use: 'Use',
    useNamed: (name: string) => `Use the preset ${name}`,
    used: (name: string) => `The form has the values of "${name}". Review them, then save`,
    delete: 'Delete',
    deleteNamed: (name: string) => `Delete the preset ${name}`,
    deleted: (name: string) => `Preset "${name}" deleted`,
    notDeleted: 'The preset was not deleted',
    save: 'Save as preset',
    saveHint: 'Saves what differs from the defaults, without folders, addresses and secrets.',
    name: 'Name',
    description: 'Description',
    noName: 'Give it a name first',
    saved: (name: string) => `Preset "${name}" saved`,
    notSaved: 'The preset was not saved',
  },
} as const;

/** A value of a key for readers. */
export function shownValue(key: string, value: unknown): string {
  if (value === '' || value === null || value === undefined) return configTexts.empty;
  if (Array.isArray(value)) return value.length === 0 ? configTexts.empty : value.join(', ');
  if (typeof value === 'boolean') return value ? configTexts.on : configTexts.off;
  return known(known(fieldTexts, key)?.options ?? {}, String(value)) ?? String(value);
}
