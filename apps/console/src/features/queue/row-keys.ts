import type { QueueItem } from '@at/contracts/queue';
import { useKeys } from '#keys/bindings.ts';
import { useCurrentRow } from '#lists/current-row.ts';
import { notify } from '#ui/notify.tsx';
import { act, useRefusals } from './item-changes.ts';
import { queueItemKeys } from './keys.ts';
import { linkId } from './queue-columns.tsx';
import { queueTexts as texts } from './texts.ts';

export const focusItem = (id: string, options?: FocusOptions) => document.getElementById(linkId(id))?.focus(options);

/** The row that keys act on, and their actions. */
export function useRowKeys({
  rows,
  opened,
  onOpen,
  onSelect,
}: {
  rows: readonly QueueItem[];
  /** The item whose details are open. */
  opened: string | null;
  onOpen: (id: string) => void;
  onSelect: (id: string) => void;
}) {
  const { current, setCurrent, item, next, previous } = useCurrentRow({
    rows,
    keyOf: ({ id }) => `${id}`,
    opened,
    focus: focusItem,
  });
  const refusalOf = useRefusals();
  const perform = (action: 'retry' | 'delete') => {
    if (!item) return;
    const reason = refusalOf(action, item);
    if (reason === undefined) act(action, item);
    else notify(texts.refused(texts.actions[action], reason));
  };
  useKeys(queueItemKeys, {
    next,
    previous,
    open: () => item && onOpen(`${item.id}`),
    select: () => item && onSelect(`${item.id}`),
    retry: () => perform('retry'),
    delete: () => perform('delete'),
  });
  return { current, setCurrent };
}
