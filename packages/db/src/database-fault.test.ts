import { expect, test } from 'vitest';
import { mayBeCommitted } from './database-fault.ts';

const fault = (code: string | undefined, message = 'x') => Object.assign(new Error(message), { code });

const broken = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', '57P01', '57P02', '08006', '08003'];
const answered = ['57P03', '57014', '55P03', '40001', '23505', '53100', 'ECONNREFUSED'];

test('a write may have been committed if its connection broke, not if PostgreSQL answered or was never reached', () => {
  expect(broken.filter((code) => !mayBeCommitted(fault(code)))).toEqual([]);
  expect(answered.filter((code) => mayBeCommitted(fault(code)))).toEqual([]);
  expect(mayBeCommitted(fault(undefined, 'Connection terminated unexpectedly'))).toBe(true);
  expect(mayBeCommitted(fault(undefined, 'Connection terminated due to connection timeout'))).toBe(false);
});
