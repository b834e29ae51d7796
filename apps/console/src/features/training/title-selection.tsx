import type { OperationRequest } from '@at/contracts/operation';
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useState } from 'react';
import { meta } from '#shared/meta.ts';
import { type BulkWords, previewBulk } from '#shared/operations.ts';
import type { RowSelection } from '#shared/selection.ts';
import { SelectionBar } from '#shared/selection-bar.tsx';
import { useRefusal } from '#shared/session.ts';
import { useStore } from '#shared/store.ts';
import { trainingListTexts as texts } from '#shared/texts/training-list.ts';
import { filterOf, type TrainingView } from './filters.ts';

type Act = Omit<Extract<OperationRequest, { subject: 'training' }>, 'subject' | 'ids' | 'filter'> & BulkWords;

const updates: Act[] = [
  { ...texts.reviewed, action: 'update', change: { reviewed: true } },
  { ...texts.anomalous, action: 'update', change: { anomalous: true } },
  { ...texts.notAnomalous, action: 'update', change: { anomalous: false } },
];

/** What is selected of the list, and what can be done to all of it at once. */
export function TitleSelection({
  selection,
  view,
  total,
  isEstimate,
}: {
  selection: RowSelection;
  view: TrainingView;
  total: number | null;
  isEstimate: boolean | undefined;
}) {
  const files = useStore(meta)?.configured.files === true;
  const refusal = useRefusal('admin');
  const [preparing, setPreparing] = useState(false);
  const prepare = async ({ action, change, ...words }: Act) => {
    setPreparing(true);
    const items = selection.matching ? { filter: filterOf(view) } : { ids: [...selection.keys] };
    const changed = change === undefined ? {} : { change };
    const request = { subject: 'training', action, ...items, ...changed } as OperationRequest;
    await previewBulk(words, request, selection.clear);
    setPreparing(false);
  };
  const button = (act: Act, Icon: typeof IconThumbUp) => (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<Icon size={16} />}
      loading={preparing}
      disabled={refusal !== null}
      title={refusal ?? undefined}
      onClick={() => void prepare(act)}
    >
      {act.title}
    </Button>
  );
  return (
    <SelectionBar selection={selection} total={total} isEstimate={isEstimate}>
      {button(
        { ...texts.not, action: 'would_not_watch', warning: files ? texts.removesFiles : undefined },
        IconThumbDown,
      )}
      {button({ ...texts.watch, action: 'would_watch' }, IconThumbUp)}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            size="compact-sm"
            variant="default"
            disabled={refusal !== null}
            title={refusal ?? undefined}
            rightSection={<IconChevronDown size={14} />}
          >
            {texts.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {updates.map((act) => (
            <Menu.Item key={act.title} onClick={() => void prepare(act)}>
              {act.title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </SelectionBar>
  );
}
