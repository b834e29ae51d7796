/** Texts of pictures of files. */
export const filesTexts = {
  preview: (name: string) => `Preview of ${name}`,
  enlarge: (name: string) => `Enlarge the preview of ${name}`,
} as const;
