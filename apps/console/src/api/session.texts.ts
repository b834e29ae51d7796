/** Texts of signing in and of missing permissions. */
export const sessionTexts = {
  title: 'Sign in',
  purpose: 'This API needs a key.',
  key: 'Key',
  keyHint: 'The secret of your entry in API_KEYS. The administrator has it.',
  signIn: 'Sign in',
  signOut: 'Sign out',
  empty: 'Enter your key.',
  unsent: (count: string) => `${count} unsent. They are sent when you sign in.`,
  signedInAs: (name: string, role: string) => `${name}, ${role}`,
  signOutFailed: 'You are still signed in',
  refusal: (name: string, role: string, needed: string) =>
    `The key ${name} has the role ${role}; this needs the role ${needed}.`,
} as const;
