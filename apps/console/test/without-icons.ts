import { vi } from 'vitest';

/** Pages without their icons, which say nothing that is not said in words, and take a tenth of the time. */
vi.mock('@tabler/icons-react', () => {
  const none = () => null;
  return new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : none), has: () => true });
});
