import { createBatch } from '@at/contracts/batches';
import { useNavigate } from 'react-router';
import { useRefusal } from '#api/session.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import type { StepProps } from './steps.tsx';
import { filesTexts } from './texts.ts';

const texts = filesTexts.makeBatch;

/** Leads to the preview of the next batch. */
export function BatchAction({ found, isNext }: StepProps) {
  const navigate = useNavigate();
  const refusal = useRefusal(createBatch.config.role);
  const isReady = found.storage.some(({ place, state }) => place === 'batch' && state === 'ready');
  return (
    <ReasonButton
      size="compact-sm"
      variant={isNext ? 'filled' : 'default'}
      reason={refusal ?? (isReady ? undefined : texts.noFolder)}
      onClick={() => void navigate('/files/batches?new=true')}
    >
      {texts.open}
    </ReasonButton>
  );
}
