/** Who makes a change. */
export type Actor = {
  name: string;
  /** false: the name is only a claim of the caller. */
  verified: boolean;
};
