/** The words of Training's list: its columns, and what is done to many titles at once. */
export const trainingListTexts = {
  andFiles: 'and remove its files',
} as const;
