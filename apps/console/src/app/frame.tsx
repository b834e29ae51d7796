import { Suspense, useEffect, useRef } from 'react';
import { Outlet, ScrollRestoration, useLocation, useNavigate, useNavigation } from 'react-router';
import { refreshServerInfo } from '#api/server-info.ts';
import { refreshSession } from '#api/session.ts';
import { signedOut } from '#api/sign-in-required.ts';
import { useKeys } from '#keys/bindings.ts';
import { globalKeys } from '#keys/global-keys.ts';
import { lazyPart, loadCode } from '#live/lazy-part.ts';
import { reconnect } from '#live/live-events.ts';
import { useOutage } from '#live/use-outage.ts';
import { loadAttention } from '#pages/attention.ts';
import { addressOf } from '#pages/default-views.ts';
import { PagesContext } from '#pages/define-page.ts';
import { wantsNotifications } from '#state/notifications.ts';
import { useStore } from '#state/store.ts';
import { focusMessage, leavePage } from '#ui/notify.tsx';
import { whenIdle } from '#ui/when-idle.ts';
import { ApiLine } from './api-line.tsx';
import { ConnectionBanner } from './connection.tsx';
import { Dialogs } from './dialogs.tsx';
import { loadKeyMaps, pageKeys, pages } from './features.ts';
import styles from './frame.module.css';
import { Loading } from './loading.tsx';
import { Navigation } from './navigation.tsx';
import { openDialog } from './open-dialog.ts';
import { ProgressLine } from './progress-line.tsx';
import { appTexts } from './texts.ts';

const table = { pages, loadKeyMaps };
const SignInPage = lazyPart(() => import('./sign-in-page.tsx'), 'SignInPage');

/** The frame of every page. */
export function Frame() {
  const navigate = useNavigate();
  const { state } = useNavigation();
  const { pathname } = useLocation();
  const main = useRef<HTMLElement>(null);
  // A drawer, such as the details of a row, is part of its page.
  const page = pathname.split('/')[1];
  const shown = useRef(page);
  const isSignedOut = useStore(signedOut);
  const isStale = useOutage() !== null;

  // Screen readers start at the top of a new page.
  useEffect(() => {
    if (shown.current === page) return;
    shown.current = page;
    main.current?.focus({ preventScroll: true });
    leavePage();
  }, [page]);

  // Again after signing in: the API refused these before.
  useEffect(() => {
    if (isSignedOut) return;
    void refreshSession();
    void refreshServerInfo();
    reconnect();
  }, [isSignedOut]);

  // The page on screen comes first.
  useEffect(() => void whenIdle.then(() => loadAttention(pages)), []);

  const isNotifying = useStore(wantsNotifications);
  useEffect(() => {
    if (!isNotifying || isSignedOut) return;
    const noticing = loadCode(() => import('./attention-notices.ts')).then(({ noticeAttention }) =>
      noticeAttention(pages, (address) => void navigate(address)),
    );
    noticing.catch(() => {});
    return () => void noticing.then((stop) => stop()).catch(() => {});
  }, [isNotifying, isSignedOut, navigate]);

  useKeys(globalKeys, {
    palette: () => openDialog('palette'),
    keys: () => openDialog('keys'),
    messages: focusMessage,
  });
  useKeys(pageKeys, Object.fromEntries(pages.map(({ path }) => [path, () => void navigate(addressOf(path))])));

  return (
    <PagesContext value={table}>
      <div className={styles.frame}>
        <a className={styles.skip} href="#main">
          {appTexts.navigation.skip}
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
    </PagesContext>
  );
}
