import { type ComponentProps, Suspense, useState } from 'react';
import { ReasonButton } from '#ui/reason-button.tsx';
import { lazyPart } from './lazy-part.ts';

const ConfirmModal = lazyPart(() => import('#ui/confirm-modal.tsx'), 'ConfirmModal', 'dialog');

type Question = Omit<ComponentProps<typeof ConfirmModal>, 'opened'>;

/** Asks before an act. Its code loads early, so that it also asks during an outage. */
export const Confirm = (question: Question) => (
  <Suspense>
    <ConfirmModal opened {...question} />
  </Suspense>
);

/** A button that asks before it acts. */
export function AskButton({
  question,
  onConfirm,
  ...button
}: Omit<ComponentProps<typeof ReasonButton>, 'onClick'> & {
  question: Omit<Question, 'onClose' | 'onConfirm'>;
  onConfirm: () => void;
}) {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <ReasonButton {...button} onClick={() => setAsks(true)} />
      {asks && <Confirm {...question} onClose={() => setAsks(false)} onConfirm={onConfirm} />}
    </>
  );
}
