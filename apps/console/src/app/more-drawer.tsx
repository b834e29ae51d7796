import { Drawer, Group, Stack } from '@mantine/core';
import { IconApi, IconCommand, IconLogout } from '@tabler/icons-react';
import { NavLink } from 'react-router';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { useSession } from '#api/session.ts';
import { signOutOrNotify } from '#api/sign-out.ts';
import { addressOf } from '#pages/default-views.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { ConnectionDot } from './connection.tsx';
import { DemoBadge } from './demo-badge.tsx';
import { pages } from './features.ts';
import styles from './frame.module.css';
import { openDialog } from './open-dialog.ts';
import { appTexts } from './texts.ts';
import { useColorScheme } from './use-color-scheme.ts';

const icon = { size: 20, stroke: 1.6 };

/** The other pages, the connection and settings that do not fit into a phone's bar. */
export function MoreDrawer() {
  const [opened, close] = useOpenOnMount();
  const { origin, prefix } = useConfig();
  const scheme = useColorScheme();
  const session = useSession();
  const { more, palette, docs, changeScheme } = appTexts.navigation;
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
        {pages
          .filter((page) => !page.inBar)
          .map(({ path, name, Icon }) => (
            <NavLink key={path} to={addressOf(path)} className={styles.link as string} onClick={close}>
              <Icon {...icon} />
              {name}
            </NavLink>
          ))}
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
        <a className={styles.link} href={`${origin}${prefix}/docs`}>
          <IconApi {...icon} />
          {docs}
        </a>
        {session && (
          <button type="button" className={styles.link} onClick={signOutOrNotify}>
            <IconLogout {...icon} />
            {sessionTexts.signOut} ({sessionTexts.signedInAs(session.name, session.role)})
          </button>
        )}
        <Group justify="space-between" wrap="nowrap">
          <ConnectionDot />
          <DemoBadge />
        </Group>
      </Stack>
    </Drawer>
  );
}
