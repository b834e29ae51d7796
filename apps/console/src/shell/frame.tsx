import { useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation, useNavigate, useNavigation } from 'react-router';
import { addressOf } from '#shared/default-views.ts';
import { everywhereKeys, pageKeys } from '#shared/key-map/everywhere.ts';
import { useKeys } from '#shared/keys.ts';
import { pages } from '#shared/pages.ts';
import { ApiLine } from './api-line.tsx';
import { ConnectionBanner } from './connection.tsx';
import { Dialogs, openDialog } from './dialogs.tsx';
import styles from './frame.module.css';
import { Navigation } from './navigation.tsx';
import { ProgressLine } from './progress-line.tsx';

/** What every page stands in. */
export function Frame() {
  const navigate = useNavigate();
  const { state } = useNavigation();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  // What lies beside a page, such as the details of a row, is no page of its own.
  const page = pathname.split('/')[1];
  const shown = useRef(page);

  // A new page begins at its beginning also for whoever listens to it.
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus({ preventScroll: true });
  }, [page]);

  useKeys(everywhereKeys, { palette: () => openDialog('palette'), keys: () => openDialog('keys') });
  useKeys(pageKeys, Object.fromEntries(pages.map(({ path }) => [path, () => void navigate(addressOf(path))])));

  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        Skip to the page
      </a>
      <Navigation />
      <ConnectionBanner className={styles.banner} />
      <ProgressLine active={state === 'loading'} />
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        <Outlet />
      </main>
      <footer className={styles.line}>
        <ApiLine />
      </footer>
      <Dialogs />
      <ScrollRestoration />
    </div>
  );
}
