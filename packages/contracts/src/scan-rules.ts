/** What a scan of files can do: the configuration offers this, and the task takes it. */

/** Which of several equal files is kept: the first path in order, the shortest one, or the file that was changed first. */
export const keepWords = ['path', 'shortest', 'oldest'] as const;
export type Keep = (typeof keepWords)[number];

/** Which of several equal files is kept: one below the first of the preferred folders before others. */
export type KeepRule = { keep: Keep; preferred: readonly string[] };

/** The most files that are read at once, patterns of names that are skipped, and characters of a pattern. */
export const scanLimits = { threads: 16, patterns: 100, patternLength: 200 } as const;
