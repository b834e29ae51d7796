import type { Endpoint, QueryOf } from '@at/contracts/endpoint';
import { type ExportFormat, exportFormats } from '@at/contracts/export';
import { ActionIcon, Menu, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { urlOf } from '#api/call.ts';
import { download } from '#ui/download.ts';
import { formatInteger } from '#ui/format.ts';
import { MenuButton } from '#ui/menu-button.tsx';
import { listsTexts } from './texts.ts';

/** Downloads a list; `children` are the formats. */
function ExportButton({
  total,
  note,
  children,
}: {
  total: number | null | undefined;
  note?: string | undefined;
  children: ReactNode;
}) {
  return (
    <MenuButton
      position="bottom-end"
      button={
        <ActionIcon variant="default" size={36} aria-label={listsTexts.export} data-tooltip={listsTexts.export}>
          <IconDownload size={18} />
        </ActionIcon>
      }
    >
      <Menu.Dropdown>
        <Menu.Label>
          {total == null ? listsTexts.exportUnknown : listsTexts.exportRows(total, formatInteger(total))}
        </Menu.Label>
        {children}
        <Menu.Label maw={260}>{listsTexts.exportColumns}</Menu.Label>
        {note && <Menu.Label maw={260}>{note}</Menu.Label>}
      </Menu.Dropdown>
    </MenuButton>
  );
}

const formatLabels = (format: ExportFormat) => ({
  children: listsTexts.exportFormats[format].name,
  rightSection: (
    <Text size="xs" c="dimmed">
      {listsTexts.exportFormats[format].for}
    </Text>
  ),
});

/** Downloads the rows of the current filter by plain links: the browser streams any size and sends its cookie. */
export function ExportMenu<E extends Endpoint>({
  endpoint,
  query,
  total,
  note,
}: {
  endpoint: E;
  query: QueryOf<E>;
  /** What a reader of the file must know. */
  note?: string;
  /** The exact number of rows, if it is known. */
  total?: number | null | undefined;
}) {
  return (
    <ExportButton total={total} note={note}>
      {exportFormats.map((format) => (
        <Menu.Item
          key={format}
          component="a"
          download
          href={urlOf(endpoint, {}, { ...(query as object), format })}
          {...formatLabels(format)}
        />
      ))}
    </ExportButton>
  );
}

type Writer<Row> = { type: string; write: (rows: readonly Row[]) => string };

/** Downloads rows that are all loaded. */
export function ExportRows<Row>({
  name,
  rows,
  formats,
}: {
  /** Of the file, without its extension. */
  name: string;
  rows: readonly Row[];
  formats: Partial<Record<ExportFormat, Writer<Row>>>;
}) {
  return (
    <ExportButton total={rows.length}>
      {(Object.entries(formats) as [ExportFormat, Writer<Row>][]).map(([format, { type, write }]) => (
        <Menu.Item
          key={format}
          onClick={() => download(`${name}.${format}`, type, write(rows))}
          {...formatLabels(format)}
        />
      ))}
    </ExportButton>
  );
}
