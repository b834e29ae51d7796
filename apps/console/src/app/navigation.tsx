import { ActionIcon, UnstyledButton, VisuallyHidden } from '@mantine/core';
import {
  IconAlertTriangle,
  IconApi,
  IconChevronsLeft,
  IconChevronsRight,
  IconCommand,
  IconDots,
  IconUser,
} from '@tabler/icons-react';
import { Fragment, memo } from 'react';
import { useLocation } from 'react-router';
import { useConfig } from '#api/config.ts';
import { sessionTexts } from '#api/session.texts.ts';
import { useSession } from '#api/session.ts';
import { useOutage } from '#live/use-outage.ts';
import { countToAct, usePageAttention } from '#pages/attention.ts';
import { addressOf, defaultViews } from '#pages/default-views.ts';
import { basePath } from '#state/base-path.ts';
import { useStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { ConnectionDot } from './connection.tsx';
import { DemoBadge } from './demo-badge.tsx';
import { barPages, groupedPages, pages } from './features.ts';
import { navigationFolded } from './folded.ts';
import styles from './frame.module.css';
import { nameWhenFolded } from './name-when-folded.ts';
import { openDialog } from './open-dialog.ts';
import { Badge, PageLink } from './page-link.tsx';
import { appTexts } from './texts.ts';
import { useColorScheme } from './use-color-scheme.ts';

const texts = appTexts.navigation;

/** The pages that a phone has behind "More". */
const others = pages.filter(({ inBar }) => inBar === undefined);

/** Links to the pages: a column that folds to icons, or a bar at the bottom of a phone. */
export const Navigation = memo(() => {
  const folded = useStore(navigationFolded);
  const defaults = useStore(defaultViews);
  const { origin, prefix } = useConfig();
  const scheme = useColorScheme();
  const session = useSession();
  const Fold = folded ? IconChevronsRight : IconChevronsLeft;
  return (
    <>
      <nav className={styles.nav} data-folded={folded || undefined} aria-label={texts.label}>
        <div className={styles.brand}>
          <img src={`${basePath}favicon.svg`} alt="" width={24} height={24} />
          {!folded && texts.brand}
        </div>
        {groupedPages.map(({ group, pages }) => (
          <Fragment key={group ?? ''}>
            {group && (
              <span id={`nav-${group}`} className={styles.groupName}>
                {folded ? <VisuallyHidden>{texts.groups[group]}</VisuallyHidden> : texts.groups[group]}
              </span>
            )}
            <ul className={styles.group} aria-labelledby={group && `nav-${group}`}>
              {pages.map((page) => (
                <li key={page.path} {...nameWhenFolded(page.name, folded)}>
                  <PageLink
                    page={page}
                    to={addressOf(page.path, defaults)}
                    className={styles.link as string}
                    isShort={folded}
                  />
                </li>
              ))}
              {group === 'system' && (
                <li {...nameWhenFolded(texts.docs, folded)}>
                  <a className={styles.link} href={`${origin}${prefix}/docs`} aria-label={texts.docs}>
                    <IconApi size={20} stroke={1.6} />
                    {!folded && texts.docs}
                  </a>
                </li>
              )}
            </ul>
          </Fragment>
        ))}
        <div className={styles.spring} />
        <DemoBadge folded={folded} />
        <ConnectionDot folded={folded} />
        {session && (
          <div
            className={`${styles.link} ${styles.user}`}
            {...nameWhenFolded(sessionTexts.signedInAs(session.name, session.role), folded)}
          >
            <IconUser size={20} stroke={1.6} aria-hidden />
            {!folded && <span className={styles.name}>{sessionTexts.signedInAs(session.name, session.role)}</span>}
          </div>
        )}
        <UnstyledButton
          className={styles.link}
          onClick={() => openDialog('palette')}
          aria-label={texts.palette}
          {...nameWhenFolded(texts.palette, folded)}
        >
          <IconCommand size={20} stroke={1.6} />
          {!folded && texts.palette}
        </UnstyledButton>
        <UnstyledButton
          className={styles.link}
          onClick={scheme.change}
          aria-label={texts.changeScheme(scheme.name)}
          {...nameWhenFolded(scheme.name, folded)}
        >
          <scheme.Icon size={20} stroke={1.6} />
          {!folded && scheme.name}
        </UnstyledButton>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={folded ? texts.unfold : texts.fold}
          aria-expanded={!folded}
          onClick={() => navigationFolded.set(!folded)}
        >
          <Fold size={18} stroke={1.6} />
        </ActionIcon>
      </nav>
      <nav className={styles.bar} aria-label={texts.label}>
        {barPages.map((page) => (
          <PageLink
            key={page.path}
            page={page}
            to={addressOf(page.path, defaults)}
            className={styles.tab as string}
            iconSize={22}
          />
        ))}
        <MoreButton />
      </nav>
    </>
  );
});

/** Opens the pages that a phone's bar does not have. */
function MoreButton() {
  const { pathname } = useLocation();
  const isElsewhere = others.some(({ path }) => pathname.startsWith(path));
  // The pages are always the same.
  const waiting = others.reduce((sum, page) => sum + countToAct(usePageAttention(page)), 0);
  const outage = useOutage();
  return (
    <button
      type="button"
      className={styles.tab}
      aria-haspopup="dialog"
      aria-description={waiting > 0 ? texts.waiting(formatInteger(waiting)) : undefined}
      data-current={isElsewhere || undefined}
      data-outage={outage !== null || undefined}
      onClick={() => openDialog('more')}
    >
      {outage === null ? <IconDots size={22} stroke={1.6} /> : <IconAlertTriangle size={22} stroke={1.6} />}
      {texts.more}
      <Badge count={waiting} onIcon />
      {outage !== null && <VisuallyHidden>{`: ${appTexts.connection.missing[outage]}`}</VisuallyHidden>}
    </button>
  );
}
