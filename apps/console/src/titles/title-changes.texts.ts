/** Texts of changes in a list. Names and labels come formatted. */
export const changeTexts = {
  anomalous: (isMarked: boolean) => (isMarked ? 'anomalous' : 'no longer anomalous'),
  nothingToUndo: 'Nothing to undo on this page',
  /** What was undone, before the name of its title. */
  undid: (what: string) => `Undid ${what} on `,
  change: 'the latest change',
  confirmation: (label: string) => `the confirmation of ${label}`,
  confirmed: (label: string) => `${label} confirmed`,
  alreadyConfirmed: (name: string, label: string) => `${name}: ${label} was already confirmed`,
  refused: (name: string) => `Could not change "${name}"`,
  overtaken: (name: string, by: string, label: string | null) =>
    `${by} changed "${name}" to ${label ?? 'unlabelled'}. Your change was not saved.`,
} as const;
