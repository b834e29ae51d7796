/** What is said of changes made on the rows of a list. Names and labels come in as they are shown. */
export const changeTexts = {
  confirmed: (label: string) => `${label} confirmed`,
  confirmedAlready: (name: string, label: string) => `${name}: ${label} is confirmed already. Nothing was changed.`,
  refused: (name: string) => `"${name}" could not be changed`,
  overtaken: (name: string, by: string, label: string | null) =>
    `"${name}" was changed meanwhile by ${by}: it is ${label ?? 'unlabelled'} now. Your change was not written.`,
} as const;
