import type { Endpoint, QueryOf } from '@at/contracts/endpoint';
import { type ExportFormat, exportFormats } from '@at/contracts/export';
import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { urlOf } from '#api/call.ts';
import { formatInteger } from '#ui/format.ts';
import { listsTexts } from './texts.ts';

/** The button that gives a list as a file; `children` are the formats. */
function ExportButton({ total, children }: { total: number | null | undefined; children: ReactNode }) {
  return (
    <Menu position="bottom-end" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <Tooltip label={listsTexts.export}>
          <ActionIcon variant="default" size={36} aria-label={listsTexts.export}>
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {total == null ? listsTexts.exportUnknown : listsTexts.exportRows(total, formatInteger(total))}
        </Menu.Label>
        {children}
      </Menu.Dropdown>
    </Menu>
  );
}

const wordsOf = (format: ExportFormat) => ({
  children: listsTexts.exportFormats[format].name,
  rightSection: (
    <Text size="xs" c="dimmed">
      {listsTexts.exportFormats[format].for}
    </Text>
  ),
});

/**
 * The current filter as a file. The links are plain: the browser downloads by itself, at any size, and its cookie counts
 * as the key.
 */
export function ExportMenu<E extends Endpoint>({
  endpoint,
  query,
  total,
}: {
  endpoint: E;
  query: QueryOf<E>;
  /** How many rows that is, where it is known exactly. */
  total?: number | null | undefined;
}) {
  return (
    <ExportButton total={total}>
      {exportFormats.map((format) => (
        <Menu.Item
          key={format}
          component="a"
          download
          href={urlOf(endpoint, {}, { ...(query as object), format })}
          {...wordsOf(format)}
        />
      ))}
    </ExportButton>
  );
}

/** The file given last: its address must live until the browser has read it, which nothing tells. */
let given: string | undefined;

function giveFile(name: string, type: string, text: string): void {
  if (given !== undefined) URL.revokeObjectURL(given);
  given = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement('a'), { href: given, download: name }).click();
}

type Writer<Row> = { type: string; write: (rows: readonly Row[]) => string };

/** Rows that are all here, as a file. */
export function ExportRows<Row>({
  name,
  rows,
  formats,
}: {
  /** Of the file, without its ending. */
  name: string;
  rows: readonly Row[];
  formats: Partial<Record<ExportFormat, Writer<Row>>>;
}) {
  return (
    <ExportButton total={rows.length}>
      {(Object.entries(formats) as [ExportFormat, Writer<Row>][]).map(([format, { type, write }]) => (
        <Menu.Item key={format} onClick={() => giveFile(`${name}.${format}`, type, write(rows))} {...wordsOf(format)} />
      ))}
    </ExportButton>
  );
}
