import { onTestFinished, vi } from 'vitest';

/**
 * Stops the page's clock at noon of this day until the test has ended, so that midnight does not come while it runs. Returns
 * that moment in milliseconds; the database's clock goes on.
 */
export function stopAtNoon(): number {
  const noon = new Date().setHours(12, 0, 0, 0);
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
  onTestFinished(() => void vi.useRealTimers());
  return noon;
}
