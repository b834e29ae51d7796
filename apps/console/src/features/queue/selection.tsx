import type { QueueItem } from '@at/contracts/queue';
import { retryQueueItems } from '@at/contracts/queue-bulk';
import { useState } from 'react';
import { useRefusal } from '#api/session.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectionBar } from '#lists/selection-bar.tsx';
import { Confirm } from '#live/confirm.tsx';
import { formatInteger } from '#ui/format.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { bulkTexts as texts } from './bulk.texts.ts';
import { useBulk } from './bulk.ts';
import { filterOf, type QueueView } from './view.ts';

/** From so many items on it asks first. */
const large = 20;

/** The selected rows and their bulk actions. */
export function QueueSelection({
  selection,
  rows,
  view,
  total,
}: {
  selection: RowSelection;
  /** Of the page. */
  rows: readonly QueueItem[];
  view: QueueView;
  total: number | null;
}) {
  type Act = 'retry' | 'refresh';
  const [asked, setAsked] = useState<Act | null>(null);
  const [isBusy, setBusy] = useState(false);
  const refusal = useRefusal(retryQueueItems.config.role) ?? undefined;
  const { retryMany, refreshMany } = useBulk();
  const count = selection.matching ? (total ?? 0) : selection.keys.size;
  const chosen = rows.filter(({ id }) => selection.isSelected(`${id}`));
  // Of rows on other pages the status is unknown here.
  const noneFailed =
    !selection.matching && chosen.length === selection.keys.size && chosen.every(({ status }) => status !== 'error');
  const start = async (act: Act) => {
    setBusy(true);
    const selected = selection.matching ? { filter: filterOf(view) } : { ids: [...selection.keys].map(Number) };
    if (await (act === 'retry' ? retryMany(selected) : refreshMany(selected))) selection.clear();
    setBusy(false);
  };
  const button = (act: Act, reason?: string) => (
    <ReasonButton
      size="compact-sm"
      reason={refusal ?? reason}
      disabled={isBusy}
      onClick={() => (count > large ? setAsked(act) : void start(act))}
    >
      {texts[act]}
    </ReasonButton>
  );
  return (
    <>
      <SelectionBar selection={selection} total={total}>
        {button('retry', noneFailed ? texts.noneFailed : undefined)}
        {button('refresh')}
      </SelectionBar>
      {asked !== null && (
        <Confirm
          {...texts.questions[asked](count, formatInteger(count))}
          onClose={() => setAsked(null)}
          onConfirm={() => void start(asked)}
        />
      )}
    </>
  );
}
