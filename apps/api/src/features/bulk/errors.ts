import { operationLimits } from '@at/contracts/bulk';
import { ApiError, invalid } from '#http/api-error.ts';

const counted = new Intl.NumberFormat('en');

export function operationNotFound(id: string): ApiError {
  return new ApiError(
    404,
    'Operation not found',
    `No operation has the id ${id}. Previews are deleted after two days, operations 90 days after they end.`,
  );
}

export function tooManyIds(count: number): ApiError {
  const most = counted.format(operationLimits.ids);
  return invalid(
    'body',
    '/ids',
    `${counted.format(count)} ids are too many; an operation accepts ${most}. Send a filter that matches them, or several operations.`,
  );
}

export function tooManyItems(): ApiError {
  const most = counted.format(operationLimits.items);
  return invalid('body', '/filter', `More than ${most} items match, the maximum of an operation. Narrow the filter.`);
}

export function notRunnable(state: string): ApiError {
  const why = state === 'expired' ? 'was previewed more than a day ago' : 'has been cancelled';
  return new ApiError(409, 'Cannot run', `The operation ${why}, so it cannot run. Preview it again.`);
}

export function alreadyDone(): ApiError {
  return new ApiError(409, 'Cannot cancel', 'The operation has ended. Its inverse reverts it.');
}

export function notInvertible(message: string): ApiError {
  return new ApiError(409, 'Cannot revert', message);
}
