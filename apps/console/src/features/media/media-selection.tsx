import { createOperation, type OperationRequest } from '@at/contracts/bulk';
import type { MediaRow } from '@at/contracts/media';
import { IconEdit, type TablerIcon } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useRefusal } from '#api/session.ts';
import { type BulkLabels, previewBulk } from '#bulk/bulk-operation.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectionBar } from '#lists/selection-bar.tsx';
import { lazyPart } from '#live/lazy-part.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { actionIcons } from './action-icons.ts';
import { describeStatuses, disabledReason, type MediaAction, mediaActions, type PipelineFields } from './items.ts';
import { mediaTexts as texts } from './texts.ts';
import { useUnavailable } from './use-disabled-reasons.ts';
import { filterOf, type MediaView } from './view.ts';

const BulkStatuses = lazyPart(() => import('./bulk-statuses.tsx'), 'BulkStatuses', 'dialog');

/** The actions for a filter's rows: deleted rows can only be restored, and only they can be. */
const isOffered = (action: MediaAction, { deleted }: MediaView) =>
  deleted === 'include' || (deleted === 'only') === (action === 'restore');

/** Why an action is possible for none of these items; undefined: it is for one, or is not known of all. */
function commonReason(action: MediaAction, items: readonly MediaRow[] | undefined): string | undefined {
  const reasons = new Set((items ?? []).map((item) => disabledReason(action, item)));
  if (reasons.size === 0 || reasons.has(undefined)) return undefined;
  return reasons.size === 1 ? [...reasons][0] : texts.reasons.noneSelected;
}

/** The selected rows and their bulk actions. */
export function MediaSelection({
  selection,
  rows,
  view,
  total,
  isEstimate,
}: {
  selection: RowSelection;
  /** Of the page. */
  rows: readonly MediaRow[];
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
  const onPage = rows.filter(({ hash }) => selection.keys.has(hash));
  // Of rows on other pages the state is unknown here.
  const chosen = onPage.length === selection.keys.size ? onPage : undefined;
  const button = (action: Act, name: string, Icon: TablerIcon, onClick: () => void) => {
    const ofItems = action === 'pipeline' ? undefined : commonReason(action, chosen);
    return (
      <ReasonButton
        key={action}
        reason={unavailable(action) ?? refusal ?? ofItems}
        size="compact-sm"
        leftSection={<Icon size={16} />}
        loading={preparing === action}
        disabled={preparing !== null && preparing !== action}
        onClick={onClick}
      >
        {name}
      </ReasonButton>
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
            count={selection.matching ? total : selection.keys.size}
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
