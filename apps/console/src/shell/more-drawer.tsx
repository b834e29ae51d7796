import { Drawer, Group, Stack } from '@mantine/core';
import { IconApi, IconCommand, IconLogout } from '@tabler/icons-react';
import { NavLink } from 'react-router';
import { useConfig } from '#shared/config.ts';
import { addressOf } from '#shared/default-views.ts';
import { useOpened } from '#shared/opened.ts';
import { isInBar, pages } from '#shared/pages.ts';
import { who } from '#shared/session.ts';
import { leave } from '#shared/sign-out.ts';
import { useStore } from '#shared/store.ts';
import { sessionTexts } from '#shared/texts/session.ts';
import { shellTexts } from '#shared/texts/shell.ts';
import { ConnectionDot } from './connection.tsx';
import { DemoBadge } from './demo-badge.tsx';
import { openDialog } from './dialogs.tsx';
import styles from './frame.module.css';
import { useScheme } from './scheme.ts';

const icon = { size: 20, stroke: 1.6 };

/** What a phone's bar has no room for: the other pages, the state of things, and choices. */
export function MoreDrawer() {
  const [opened, close] = useOpened();
  const { origin, prefix } = useConfig();
  const scheme = useScheme();
  const session = useStore(who)?.session;
  const { more, palette, docs, changeScheme } = shellTexts.navigation;
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
          .filter((page) => !isInBar(page))
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
          <button type="button" className={styles.link} onClick={leave}>
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
