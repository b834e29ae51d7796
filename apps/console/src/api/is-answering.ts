import { getHealth } from '@at/contracts/system';
import { connection } from '#state/connection.ts';
import { call } from './call.ts';

/** Seconds. With a check every five, an outage shows within ten, also of an API that accepts requests and never answers. */
const patience = 4;

let pending: Promise<boolean> | undefined;

/** Asks the API whether it answers, which needs no database; one request at a time. The answer is in `connection` too. */
export function isAnswering(): Promise<boolean> {
  pending ??= call(getHealth, { patience })
    .catch(() => {})
    .then(() => {
      pending = undefined;
      return connection.get().state === 'up';
    });
  return pending;
}
