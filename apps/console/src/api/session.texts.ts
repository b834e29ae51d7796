/** Signing in, and what a role may not do. */
export const sessionTexts = {
  title: 'Sign in',
  purpose: 'This API asks for a key.',
  key: 'Key',
  keyHint: 'The secret of your entry in API_KEYS. Whoever runs this installation has it.',
  signIn: 'Sign in',
  signOut: 'Sign out',
  empty: 'Enter your key.',
  unsent: (count: string) => `Waiting to be sent: ${count}. They go out once you have signed in.`,
  signedInAs: (name: string, role: string) => `${name}, ${role}`,
  signOutFailed: 'You are still signed in',
  refusal: (name: string, role: string, needed: string) =>
    `The key ${name} has the role ${role}; this needs the role ${needed}.`,
} as const;
