import { ActionIcon, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconApi,
  IconChevronsLeft,
  IconChevronsRight,
  IconCommand,
  IconDeviceDesktop,
  IconMoon,
  IconSun,
} from '@tabler/icons-react';
import { NavLink } from 'react-router';
import { config } from '#shared/config.ts';
import { addressOf, defaultViews } from '#shared/default-views.ts';
import { pages } from '#shared/pages.ts';
import { useStore } from '#shared/store.ts';
import { ConnectionDot } from './connection.tsx';
import { DemoBadge } from './demo-badge.tsx';
import { openDialog } from './dialogs.tsx';
import styles from './frame.module.css';
import { navigationFolded } from './preferences.ts';

const schemes = {
  dark: { next: 'light', Icon: IconMoon, name: 'Dark theme' },
  light: { next: 'auto', Icon: IconSun, name: 'Light theme' },
  auto: { next: 'dark', Icon: IconDeviceDesktop, name: "The system's theme" },
} as const;

/** The way between pages: a column that folds to icons, or a bar at the bottom of a phone. */
export function Navigation() {
  const folded = useStore(navigationFolded);
  const defaults = useStore(defaultViews);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const scheme = schemes[colorScheme];
  const Fold = folded ? IconChevronsRight : IconChevronsLeft;
  return (
    <>
      <nav className={styles.nav} data-folded={folded || undefined} aria-label="Pages">
        <div className={styles.brand}>
          <img src="/favicon.svg" alt="" width={24} height={24} />
          {!folded && 'center console'}
        </div>
        {pages.map(({ path, name, Icon }) => (
          <Tooltip key={path} label={name} position="right" disabled={!folded}>
            <NavLink
              to={addressOf(path, defaults)}
              end={path === '/'}
              className={styles.link as string}
              aria-label={name}
            >
              <Icon size={20} stroke={1.6} />
              {!folded && name}
            </NavLink>
          </Tooltip>
        ))}
        <Tooltip label="API docs" position="right" disabled={!folded}>
          <a className={styles.link} href={`${config.origin}${config.prefix}/docs`} aria-label="API docs">
            <IconApi size={20} stroke={1.6} />
            {!folded && 'API docs'}
          </a>
        </Tooltip>
        <div className={styles.spring} />
        <DemoBadge folded={folded} />
        <ConnectionDot folded={folded} />
        <Tooltip label="Command palette" position="right" disabled={!folded}>
          <UnstyledButton className={styles.link} onClick={() => openDialog('palette')} aria-label="Command palette">
            <IconCommand size={20} stroke={1.6} />
            {!folded && 'Command palette'}
          </UnstyledButton>
        </Tooltip>
        <Tooltip label={scheme.name} position="right" disabled={!folded}>
          <UnstyledButton
            className={styles.link}
            onClick={() => setColorScheme(scheme.next)}
            aria-label={`${scheme.name}; change it`}
          >
            <scheme.Icon size={20} stroke={1.6} />
            {!folded && scheme.name}
          </UnstyledButton>
        </Tooltip>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={folded ? 'Unfold the navigation' : 'Fold the navigation'}
          aria-expanded={!folded}
          onClick={() => navigationFolded.set(!folded)}
        >
          <Fold size={18} stroke={1.6} />
        </ActionIcon>
      </nav>
      <nav className={styles.bar} aria-label="Pages">
        {pages.map(({ path, name, Icon }) => (
          <NavLink key={path} to={addressOf(path, defaults)} end={path === '/'} className={styles.tab as string}>
            <Icon size={22} stroke={1.6} />
            {name}
          </NavLink>
        ))}
        <button type="button" className={styles.tab} onClick={() => openDialog('palette')}>
          <IconCommand size={22} stroke={1.6} />
          More
        </button>
      </nav>
    </>
  );
}
