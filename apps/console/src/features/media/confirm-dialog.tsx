import { useState } from 'react';
import { useStore } from '#state/store.ts';
import { ConfirmModal } from '#ui/confirm-modal.tsx';
import { isolate } from '#ui/format.ts';
import { nameOf } from './items.ts';
import { pendingAction, run } from './media-changes.ts';
import { mediaTexts as texts } from './texts.ts';

/** Asks for confirmation before an action that cannot be fully undone. */
export function ConfirmDialog() {
  const pending = useStore(pendingAction);
  // The text stays while the dialog closes.
  const [shown, setShown] = useState(pending);
  if (pending !== null && pending !== shown) setShown(pending);
  const action = shown?.action;
  const question =
    action === 'approve' || action === 'finish' || action === 'delete' ? texts.questions[action] : undefined;
  if (!shown || !question) return null;
  return (
    <ConfirmModal
      opened={pending !== null}
      title={question.title}
      about={isolate(nameOf(shown.item))}
      text={question.text}
      verb={texts.actions[shown.action].name}
      isDangerous={shown.action === 'delete'}
      onClose={() => pendingAction.set(null)}
      onConfirm={() => void run(shown.action, shown.item)}
    />
  );
}
