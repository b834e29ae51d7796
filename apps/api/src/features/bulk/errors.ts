import { operationLimits } from '@at/contracts/bulk';
import { ApiError, invalid } from '#http/api-error.ts';

const counted = new Intl.NumberFormat('en');

export function operationNotFound(id: string): ApiError {
  return new ApiError(
    404,
    'Operation not found',
    `No operation has the id ${id}. Previews are forgotten after two days, operations 90 days after their end.`,
  );
}

export function tooManyIds(count: number): ApiError {
  const most = counted.format(operationLimits.ids);
  return invalid(
    'body',
    '/ids',
    `${counted.format(count)} ids are more than an operation takes by name, which is ${most}. Send a filter that they share, or several operations.`,
  );
}

export function tooManyItems(): ApiError {
  const most = counted.format(operationLimits.items);
  return invalid(
    'body',
    '/filter',
    `More than ${most} items match, which is the most that an operation may change. Narrow the filter.`,
  );
}

export function keyReused(): ApiError {
  return invalid(
    'header',
    'idempotency-key',
    'You have used this Idempotency-Key for another operation. Send a new key, or what you sent then.',
  );
}

export function notRunnable(state: string): ApiError {
  const why = state === 'expired' ? 'was previewed more than a day ago' : 'has been cancelled';
  return new ApiError(409, 'Cannot run', `The operation ${why}, so nothing is run. Preview it again.`);
}

export function alreadyDone(): ApiError {
  return new ApiError(409, 'Cannot cancel', 'The operation has ended. Its inverse takes back what it did.');
}

export function notInvertible(message: string): ApiError {
  return new ApiError(409, 'Cannot take back', message);
}
