/** What a scan of files can do: the configuration offers this, and the task takes it. */

/** Which of several equal files is kept: the first path in order, or the shortest one. */
export const keepWords = ['path', 'shortest'] as const;
export type Keep = (typeof keepWords)[number];

/** The most files that are read at once, patterns of names that are skipped, and characters of a pattern. */
export const scanLimits = { threads: 16, patterns: 100, patternLength: 200 } as const;
