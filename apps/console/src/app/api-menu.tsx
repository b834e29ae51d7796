import { Menu } from '@mantine/core';
import { useConfig } from '#api/config.ts';
import { copyText } from '#ui/copy-text.ts';
import { DotsMenu } from '#ui/menu-button.tsx';
import { curlOf } from './curl.ts';
import { openDialog } from './open-dialog.ts';
import { appTexts } from './texts.ts';

/** Actions on the page's request; `docs`: its place in the documentation. */
export function ApiMenu({ url, docs }: { url: string | null; docs: string }) {
  const { origin, prefix } = useConfig();
  const { more, copyUrl, copyCurl, openDocs, calls, url: what, command } = appTexts.apiLine;
  return (
    <DotsMenu position="top-end" name={more}>
      <Menu.Dropdown>
        {url && (
          <>
            <Menu.Item onClick={() => void copyText(url, what)}>{copyUrl}</Menu.Item>
            <Menu.Item onClick={() => void copyText(curlOf({ method: 'GET', url }), command)}>{copyCurl}</Menu.Item>
          </>
        )}
        <Menu.Item component="a" href={`${origin}${prefix}/docs${docs}`} target="_blank">
          {openDocs}
        </Menu.Item>
        <Menu.Item onClick={() => openDialog('calls')}>{calls}</Menu.Item>
      </Menu.Dropdown>
    </DotsMenu>
  );
}
