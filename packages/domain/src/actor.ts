/** Who makes a change. */
export type Actor = {
  name: string;
  /** false: the caller sent the name, no key proves it. */
  verified: boolean;
};
