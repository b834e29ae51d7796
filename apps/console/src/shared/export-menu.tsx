import type { Endpoint, QueryOf } from '@at/contracts/endpoint';
import { exportFormats } from '@at/contracts/export';
import { ActionIcon, Menu, Text, Tooltip } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { urlOf } from './api.ts';
import { formatInteger } from './format.ts';
import { listsTexts } from './texts/lists.ts';

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
        {exportFormats.map((format) => (
          <Menu.Item
            key={format}
            component="a"
            download
            href={urlOf(endpoint, {}, { ...(query as object), format })}
            rightSection={
              <Text size="xs" c="dimmed">
                {listsTexts.exportFormats[format].for}
              </Text>
            }
          >
            {listsTexts.exportFormats[format].name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
