/** What a scan of files can do: the configuration offers this, and the task takes it. */

/** Which of several equal files goes on: the first path in order, or the shortest one. */
export const keepWords = ['path', 'shortest'] as const;
export type Keep = (typeof keepWords)[number];

/** Files that are read at once; patterns of names that are left out, and the characters of one. */
export const scanLimits = { threads: 16, patterns: 100, patternLength: 200 } as const;
