import { ActionIcon, Menu, Tooltip, UnstyledButton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useRef } from 'react';
import { type Call, calls, rowsOf } from '#shared/calls.ts';
import { config } from '#shared/config.ts';
import { copyText } from '#shared/copy.ts';
import { formatDuration } from '#shared/format.ts';
import { source } from '#shared/source.ts';
import { useStore } from '#shared/store.ts';
import styles from './api-line.module.css';
import { curlOf } from './curl.ts';
import { openDialog } from './dialogs.tsx';

/** The request behind what is on the screen: its URL, how it went, and ways to repeat it elsewhere. */
export function ApiLine() {
  const url = useStore(source);
  const list = useStore(calls);
  // Kept beyond the last calls, which are soon all writes while somebody labels.
  const latest = useRef<Call>(undefined);
  latest.current = list.find((one) => one.url === url && one.method === 'GET') ?? latest.current;
  const call = latest.current?.url === url ? latest.current : undefined;
  const rows = call && rowsOf(call);
  return (
    <div className={styles.line}>
      {url ? (
        <Tooltip label="Copy this URL">
          <UnstyledButton className={styles.url} onClick={() => void copyText(url, 'URL')}>
            <span className={styles.method}>GET</span> {url}
          </UnstyledButton>
        </Tooltip>
      ) : (
        <span className={styles.url}>No request is behind this page.</span>
      )}
      {call && (
        <span className={styles.facts}>
          {call.status ?? call.error} · {formatDuration(call.ms)}
          {rows !== undefined && ` · ${rows} ${rows === 1 ? 'row' : 'rows'}`}
        </span>
      )}
      <Menu position="top-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="md" aria-label="More about this request">
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {url && (
            <>
              <Menu.Item onClick={() => void copyText(url, 'URL')}>Copy URL</Menu.Item>
              <Menu.Item onClick={() => void copyText(curlOf({ method: 'GET', url }), 'Command')}>
                Copy as curl
              </Menu.Item>
            </>
          )}
          <Menu.Item component="a" href={`${config.origin}${config.prefix}/docs`} target="_blank">
            Open in docs
          </Menu.Item>
          <Menu.Item onClick={() => openDialog('calls')}>Last calls</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
