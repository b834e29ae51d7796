import { createOperation, type OperationRequest } from '@at/contracts/bulk';
import { mostRefreshed } from '@at/contracts/training';
import type { Label } from '@at/contracts/vocabulary';
import { Button, Menu } from '@mantine/core';
import { IconChevronDown, IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useRefusal } from '#api/session.ts';
import { type BulkLabels, previewBulk } from '#bulk/bulk-operation.ts';
import type { RowSelection } from '#lists/selection.ts';
import { SelectionBar } from '#lists/selection-bar.tsx';
import { formatInteger } from '#ui/format.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { refreshMetadataTexts } from './refresh-metadata.texts.ts';
import { refreshMetadataOf, useMetadataRefusal } from './refresh-metadata.ts';
import { titleListTexts as texts } from './title-row.texts.ts';

type Request = Extract<OperationRequest, { subject: 'training' }>;
/** A bulk change of titles and its texts. */
export type TitleAct = Pick<Request, 'action' | 'change'> & Pick<BulkLabels, 'warning'>;

const updates = [
  { ...texts.reviewed, action: 'update', change: { reviewed: true } },
  { ...texts.anomalous, action: 'update', change: { anomalous: true } },
  { ...texts.notAnomalous, action: 'update', change: { anomalous: false } },
] as const;

/** The selected titles and their bulk actions. */
export function TitleSelection({
  selection,
  filter,
  labels,
  total,
  isEstimate = false,
}: {
  selection: RowSelection;
  /** The filter that finds every row of the list. */
  filter: NonNullable<Request['filter']>;
  /** The label actions of this list. */
  labels: Record<Label, TitleAct>;
  total: number | null;
  isEstimate?: boolean | undefined;
}) {
  const refusal = useRefusal(createOperation.config.role);
  const [preparing, setPreparing] = useState(false);
  const metadataRefusal = useMetadataRefusal();
  const isTooMany = selection.matching || selection.keys.size > mostRefreshed;
  const noRefresh = metadataRefusal ?? (isTooMany ? refreshMetadataTexts.tooMany(formatInteger(mostRefreshed)) : null);
  const prepare = async (labels: BulkLabels, { action, change, warning }: TitleAct) => {
    setPreparing(true);
    const items = selection.matching ? { filter } : { ids: [...selection.keys] };
    const request = { subject: 'training', action, ...items, ...(change ? { change } : {}) } as const;
    await previewBulk({ ...labels, warning }, request, selection.clear);
    setPreparing(false);
  };
  const common = { size: 'compact-sm', variant: 'default', disabled: refusal !== null, title: refusal ?? undefined };
  return (
    <SelectionBar selection={selection} total={total} isEstimate={isEstimate}>
      <Button
        {...common}
        leftSection={<IconThumbDown size={16} />}
        loading={preparing}
        onClick={() => void prepare(texts.not, labels.would_not_watch)}
      >
        {texts.not.title}
      </Button>
      <Button
        {...common}
        leftSection={<IconThumbUp size={16} />}
        loading={preparing}
        onClick={() => void prepare(texts.watch, labels.would_watch)}
      >
        {texts.watch.title}
      </Button>
      <MenuButton
        position="top-end"
        button={
          <Button {...common} rightSection={<IconChevronDown size={14} />}>
            {texts.more}
          </Button>
        }
      >
        <Menu.Dropdown>
          {updates.map(({ title, verb, ...act }) => (
            <Menu.Item key={title} onClick={() => void prepare({ title, verb }, act)}>
              {title}
            </Menu.Item>
          ))}
          <Menu.Item
            disabled={noRefresh !== null}
            title={noRefresh ?? undefined}
            onClick={() => {
              void refreshMetadataOf([...selection.keys]);
              selection.clear();
            }}
          >
            {refreshMetadataTexts.refresh}
          </Menu.Item>
        </Menu.Dropdown>
      </MenuButton>
    </SelectionBar>
  );
}
