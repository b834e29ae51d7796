import { Suspense, useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation, useNavigate, useNavigation } from 'react-router';
import { useAway } from '#shared/away.ts';
import { addressOf } from '#shared/default-views.ts';
import { everywhereKeys, pageKeys } from '#shared/key-map/everywhere.ts';
import { useKeys } from '#shared/keys.ts';
import { reconnect } from '#shared/live.ts';
import { refreshMeta } from '#shared/meta.ts';
import { focusMessage } from '#shared/notify.tsx';
import { pages } from '#shared/pages.ts';
import { part } from '#shared/part.ts';
import { refreshWho } from '#shared/session.ts';
import { signedOut } from '#shared/signed-out.ts';
import { useStore } from '#shared/store.ts';
import { shellTexts } from '#shared/texts/shell.ts';
import { ApiLine } from './api-line.tsx';
import { ConnectionBanner } from './connection.tsx';
import { Dialogs, openDialog } from './dialogs.tsx';
import styles from './frame.module.css';
import { Loading } from './loading.tsx';
import { Navigation } from './navigation.tsx';
import { ProgressLine } from './progress-line.tsx';

const SignInPage = part(() => import('./sign-in-page.tsx'), 'SignInPage');

/** What every page stands in. */
export function Frame() {
  const navigate = useNavigate();
  const { state } = useNavigation();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  // What lies beside a page, such as the details of a row, is no page of its own.
  const page = pathname.split('/')[1];
  const shown = useRef(page);
  const isSignedOut = useStore(signedOut);
  const isStale = useAway() !== null;

  // A new page begins at its beginning also for whoever listens to it.
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus({ preventScroll: true });
  }, [page]);

  // Also after signing in, when all of it was refused before.
  useEffect(() => {
    if (isSignedOut) return;
    void refreshWho();
    void refreshMeta();
    reconnect();
  }, [isSignedOut]);

  useKeys(everywhereKeys, {
    palette: () => openDialog('palette'),
    keys: () => openDialog('keys'),
    messages: focusMessage,
  });
  useKeys(pageKeys, Object.fromEntries(pages.map(({ path }) => [path, () => void navigate(addressOf(path))])));

  return (
    <div className={styles.frame}>
      <a className={styles.skip} href="#main">
        {shellTexts.navigation.skip}
      </a>
      <Navigation />
      <ConnectionBanner className={styles.banner} />
      <ProgressLine active={state === 'loading'} />
      <main ref={main} id="main" className={styles.main} data-stale={isStale || undefined} tabIndex={-1}>
        {isSignedOut ? (
          <Suspense fallback={<Loading />}>
            <SignInPage />
          </Suspense>
        ) : (
          <Outlet />
        )}
      </main>
      <footer className={styles.line}>
        <ApiLine />
      </footer>
      <Dialogs />
      <ScrollRestoration />
    </div>
  );
}
