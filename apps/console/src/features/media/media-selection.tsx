import { createOperation, type OperationRequest } from '@at/contracts/operation';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { previewBulk } from '#shared/operations.ts';
import type { RowSelection } from '#shared/selection.ts';
import { SelectionBar } from '#shared/selection-bar.tsx';
import { useRefusal } from '#shared/session.ts';
import { mediaTexts as texts } from '#shared/texts/media.ts';
import { actionIcons } from './action-icons.ts';
import { filterOf, type MediaView } from './filters.ts';
import { type MediaAction, mediaActions } from './items.ts';

/** What can be done to rows as the filter finds them: what is deleted can only be restored, and the other way round. */
const isOffered = (action: MediaAction, { deleted }: MediaView) =>
  deleted === 'include' || (deleted === 'only') === (action === 'restore');

/** What is selected of the list, and what can be done to all of it at once. */
export function MediaSelection({
  selection,
  view,
  total,
  isEstimate,
}: {
  selection: RowSelection;
  view: MediaView;
  total: number | null;
  isEstimate: boolean | undefined;
}) {
  const [preparing, setPreparing] = useState<MediaAction | null>(null);
  const refusal = useRefusal(createOperation.config.role);
  const prepare = async (action: MediaAction) => {
    setPreparing(action);
    const items = selection.matching ? { filter: filterOf(view) } : { ids: [...selection.keys] };
    const request: OperationRequest = { subject: 'media', action, ...items };
    await previewBulk({ title: texts.actions[action].name, ...texts.bulk[action] }, request, selection.clear);
    setPreparing(null);
  };
  return (
    <SelectionBar selection={selection} total={total} isEstimate={isEstimate}>
      {mediaActions
        .filter((action) => isOffered(action, view))
        .map((action) => {
          const Icon = actionIcons[action];
          return (
            <Button
              key={action}
              size="compact-sm"
              variant="default"
              leftSection={<Icon size={16} />}
              loading={preparing === action}
              disabled={refusal !== null || (preparing !== null && preparing !== action)}
              title={refusal ?? undefined}
              onClick={() => void prepare(action)}
            >
              {texts.actions[action].name}
            </Button>
          );
        })}
    </SelectionBar>
  );
}
