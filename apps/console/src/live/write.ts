import { queryClient } from '#api/query-client.ts';
import { notifyError } from '#ui/notify.tsx';
import { keyOf } from './invalidations.ts';

/**
 * Sends a write, and reads again what is shown under the first part `name` of a query key. Returns its reply; undefined: it failed, which
 * a message with the title `failed` says.
 */
export async function write<R>(
  name: Parameters<typeof keyOf>[0],
  failed: string,
  send: () => Promise<R>,
): Promise<R | undefined> {
  try {
    return await send();
  } catch (error) {
    notifyError(failed, error);
    return undefined;
  } finally {
    await queryClient.invalidateQueries({ queryKey: keyOf(name) });
  }
}
