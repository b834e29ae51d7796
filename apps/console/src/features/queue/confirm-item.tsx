import { useState } from 'react';
import { useLocation, useNavigate, useRevalidator } from 'react-router';
import { useStore } from '#state/store.ts';
import { ConfirmModal } from '#ui/confirm-modal.tsx';
import { isolate } from '#ui/format.ts';
import { pendingAction, run } from './item-changes.ts';
import { nameOf } from './items.ts';
import { queueTexts as texts } from './texts.ts';

/** Asks before an item or its file is removed, and closes its details then. */
export function ConfirmItem() {
  const pending = useStore(pendingAction);
  const navigate = useNavigate();
  const { search } = useLocation();
  const { revalidate } = useRevalidator();
  // The text stays while the dialog closes.
  const [shown, setShown] = useState(pending);
  if (pending !== null && pending !== shown) setShown(pending);
  if (!shown) return null;
  const { action, item } = shown;
  const confirm = async () => {
    if (!(await run(action, item))) return;
    const parameters = new URLSearchParams(search);
    if (parameters.get('item') === `${item.id}`) {
      parameters.delete('item');
      await navigate({ search: `${parameters}` }, { replace: true, preventScrollReset: true });
    }
    await revalidate();
  };
  return (
    <ConfirmModal
      opened={pending !== null}
      {...texts.questions[action]}
      about={isolate(nameOf(item))}
      isDangerous
      onClose={() => pendingAction.set(null)}
      onConfirm={() => void confirm()}
    />
  );
}
