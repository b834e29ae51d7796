/** Sizes of tests: `test` proves each guarantee at a small one, `test:deep` at the figures of the targets. */

const isDeep = Boolean(process.env.TEST_DEEP);

export const sized = <Size = number>(small: Size, full: Size): Size => (isDeep ? full : small);

/** A limit of time, or of another figure that a busy machine changes. It holds in `test:deep`, which runs alone. */
export const deepLimit = (limit: number): number => sized(Number.POSITIVE_INFINITY, limit);
