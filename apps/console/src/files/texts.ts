import type { NameRefusal } from '@at/contracts/vocabulary';

/** Texts of files that several pages have. */
export const filesTexts = {
  preview: (name: string) => `Preview of ${name}`,
  enlarge: (name: string) => `Enlarge the preview of ${name}`,
  refusals: {
    not_utf8: 'the name is not UTF-8: rename the file',
    name_too_long: 'the name is too long',
    never_synced: 'Syncthing takes it for a temporary file',
  } satisfies Record<NameRefusal, string>,
} as const;
