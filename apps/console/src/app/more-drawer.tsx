import { Drawer, Group, Stack } from '@mantine/core';
import { IconApi, IconCommand, IconLogout } from '@tabler/icons-react';
import { Fragment } from 'react';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { useSession } from '#api/session.ts';
import { signOutOrNotify } from '#api/sign-out.ts';
import { addressOf } from '#pages/default-views.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { ConnectionDot } from './connection.tsx';
import { DemoBadge } from './demo-badge.tsx';
import { groupedPages } from './features.ts';
import styles from './frame.module.css';
import { openDialog } from './open-dialog.ts';
import { PageLink } from './page-link.tsx';
import { appTexts } from './texts.ts';
import { useColorScheme } from './use-color-scheme.ts';

const icon = { size: 20, stroke: 1.6 };

/** The other pages, the connection and settings that do not fit into a phone's bar. */
export function MoreDrawer() {
  const [opened, close] = useOpenOnMount();
  const { origin, prefix } = useConfig();
  const scheme = useColorScheme();
  const session = useSession();
  const { more, palette, docs, changeScheme, groups } = appTexts.navigation;
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="bottom"
      size="auto"
      title={more}
      classNames={{ content: styles.more as string }}
    >
      <Stack gap={4}>
        {groupedPages.map(({ group, pages }) => {
          const others = pages.filter(({ inBar }) => inBar === undefined);
          if (!group || others.length === 0) return null;
          return (
            <Fragment key={group}>
              <span id={`more-${group}`} className={styles.groupName}>
                {groups[group]}
              </span>
              <ul className={styles.group} aria-labelledby={`more-${group}`}>
                {others.map((page) => (
                  <li key={page.path}>
                    <PageLink page={page} to={addressOf(page.path)} className={styles.link as string} onClick={close} />
                  </li>
                ))}
                {group === 'system' && (
                  <li>
                    <a className={styles.link} href={`${origin}${prefix}/docs`}>
                      <IconApi {...icon} />
                      {docs}
                    </a>
                  </li>
                )}
              </ul>
            </Fragment>
          );
        })}
        <button
          type="button"
          className={styles.link}
          onClick={() => {
            close();
            openDialog('palette');
          }}
        >
          <IconCommand {...icon} />
          {palette}
        </button>
        <button type="button" className={styles.link} onClick={scheme.change} aria-label={changeScheme(scheme.name)}>
          <scheme.Icon {...icon} />
          {scheme.name}
        </button>
        {session && (
          <button type="button" className={styles.link} onClick={signOutOrNotify}>
            <IconLogout {...icon} />
            {sessionTexts.signOut} ({sessionTexts.signedInAs(session.name, session.role)})
          </button>
        )}
        <Group justify="space-between">
          <ConnectionDot />
          <DemoBadge />
        </Group>
      </Stack>
    </Drawer>
  );
}
