import { createOperation, type OperationRequest } from '@at/contracts/bulk';
import { Button } from '@mantine/core';
import { IconEdit, type TablerIcon } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useRefusal } from '#api/session.ts';
import { type BulkLabels, previewBulk } from '#bulk/bulk-operation.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectionBar } from '#lists/selection-bar.tsx';
import { lazyPart } from '#live/lazy-part.ts';
import { actionIcons } from './action-icons.ts';
import { describeStatuses, type MediaAction, mediaActions, type PipelineFields } from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { useUnavailable } from './use-disabled-reasons.ts';
import { filterOf, type MediaView } from './view.ts';

const BulkStatuses = lazyPart(() => import('./bulk-statuses.tsx'), 'BulkStatuses', 'dialog');

/** The actions for a filter's rows: deleted rows can only be restored, and only they can be. */
const isOffered = (action: MediaAction, { deleted }: MediaView) =>
  deleted === 'include' || (deleted === 'only') === (action === 'restore');

/** The selected rows and their bulk actions. */
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
  type Act = MediaAction | 'pipeline';
  const [preparing, setPreparing] = useState<Act | null>(null);
  /** How often the dialog of the statuses was opened: each time it is a new one. */
  const [dialogOpenings, setDialogOpenings] = useState(0);
  const refusal = useRefusal(createOperation.config.role);
  const unavailable = useUnavailable();
  const prepare = async (action: Act, labels: BulkLabels, change?: Partial<PipelineFields>) => {
    setPreparing(action);
    const items = selection.matching ? { filter: filterOf(view) } : { ids: [...selection.keys] };
    const request: OperationRequest = { subject: 'media', action, ...items, ...(change && { change }) };
    await previewBulk(labels, request, selection.clear);
    setPreparing(null);
  };
  const { bulkStatuses } = texts;
  const button = (action: Act, name: string, Icon: TablerIcon, onClick: () => void) => {
    const reason = unavailable(action) ?? refusal ?? undefined;
    return (
      <Button
        key={action}
        size="compact-sm"
        variant="default"
        leftSection={<Icon size={16} />}
        loading={preparing === action}
        disabled={reason !== undefined || (preparing !== null && preparing !== action)}
        title={reason}
        onClick={onClick}
      >
        {name}
      </Button>
    );
  };
  return (
    <SelectionBar selection={selection} total={total} isEstimate={isEstimate}>
      {mediaActions
        .filter((action) => isOffered(action, view))
        .map((action) => {
          const { name } = texts.actions[action];
          return button(
            action,
            name,
            actionIcons[action],
            () => void prepare(action, { title: name, ...texts.bulk[action] }),
          );
        })}
      {view.deleted !== 'only' &&
        button('pipeline', bulkStatuses.title, IconEdit, () => setDialogOpenings(dialogOpenings + 1))}
      <Suspense>
        {dialogOpenings > 0 && (
          <BulkStatuses
            key={dialogOpenings}
            onChosen={(change) =>
              void prepare(
                'pipeline',
                { title: bulkStatuses.chosen(describeStatuses(change)), verb: bulkStatuses.verb },
                change,
              )
            }
          />
        )}
      </Suspense>
    </SelectionBar>
  );
}
