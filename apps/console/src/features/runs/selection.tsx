import { changeTaskRuns, mostRuns, type Run, type RunChanges } from '@at/contracts/runs';
import { useState } from 'react';
import { useRefusal } from '#api/session.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectionBar } from '#lists/selection-bar.tsx';
import { Confirm } from '#live/confirm.tsx';
import { hasEnded } from '#runs/describe-run.ts';
import { formatInteger } from '#ui/format.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { changeRuns } from './changes.ts';
import { runsPageTexts as texts } from './texts.ts';

/** From so many runs on it asks first. */
const large = 20;

const isPossible: Record<RunChanges, (run: Run) => boolean> = {
  retry: (run) => run.retry_refusal === null,
  cancel: (run) => !hasEnded(run) && run.state !== 'stopping',
};

/** The selected runs, on whichever page they are, and what can be done with them. */
export function RunsSelection({ selection, rows }: { selection: RowSelection; rows: readonly Run[] }) {
  const [asked, setAsked] = useState<RunChanges | null>(null);
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal(changeTaskRuns.config.role) ?? undefined;
  const ids = [...selection.keys];
  const chosen = rows.filter(({ id }) => selection.isSelected(id));
  const start = async (action: RunChanges) => {
    setBusy(true);
    let isDone = false;
    for (let at = 0; at < ids.length; at += mostRuns)
      isDone = (await changeRuns(action, { ids: ids.slice(at, at + mostRuns) })) || isDone;
    if (isDone) selection.clear();
    setBusy(false);
  };
  const button = (action: RunChanges) => {
    // Of runs on other pages the state is unknown here.
    const isNone = chosen.length === ids.length && !chosen.some(isPossible[action]);
    return (
      <ReasonButton
        size="compact-sm"
        reason={refusal ?? (isNone ? texts.changes[action].none : undefined)}
        disabled={isBusy}
        onClick={() => (ids.length > large ? setAsked(action) : void start(action))}
      >
        {texts.changes[action].label}
      </ReasonButton>
    );
  };
  return (
    <>
      <SelectionBar selection={selection} total={null}>
        {button('retry')}
        {button('cancel')}
      </SelectionBar>
      {asked !== null && (
        <Confirm
          {...texts.questions[asked](ids.length, formatInteger(ids.length))}
          onClose={() => setAsked(null)}
          onConfirm={() => void start(asked)}
        />
      )}
    </>
  );
}
