import { type Transmission, TransmissionError } from '@at/adapters/transmission';

/** Milliseconds. */
const openFor = 30_000;
const slowCall = 1_000;

/** A circuit breaker: after a call that timed out, every call fails at once for half a minute. */
export function withCircuitBreaker(transmission: Transmission): Transmission {
  let until = 0;
  let last = '';
  const guarded =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const began = performance.now();
      if (began < until)
        throw new TransmissionError(`${last} Further calls are paused for a moment.`, { failure: 'unreachable' });
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof TransmissionError && performance.now() - began > slowCall) {
          until = performance.now() + openFor;
          last = error.message;
        }
        throw error;
      }
    };
  const { add, present, remove } = transmission;
  return { ...transmission, add: guarded(add), present: guarded(present), remove: guarded(remove) };
}
