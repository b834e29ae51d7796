import './app/styles.ts';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { loadConfig } from './api/config.ts';
import { onSignedIn } from './api/session.ts';
import { printLight } from './app/print.ts';
import { resumeSending } from './app/resume-sending.ts';
import { routes } from './app/routes.ts';
import { theme, variables } from './app/theme.ts';
import { listenForKeys } from './keys/bindings.ts';
import { followInvalidations } from './live/invalidations.ts';
import { startLoadingEarly } from './live/lazy-part.ts';
import { followLive } from './live/live-events.ts';
import { basePath } from './state/base-path.ts';
import { colorSchemeManager } from './state/color-scheme.ts';
import { followDensity } from './state/density.ts';
import { noteChoices } from './state/preferences.ts';
import { ignoreSecondClicks } from './ui/double-clicks.ts';
import { closeOneLayer } from './ui/escape.ts';
import { ToastHost } from './ui/notify.tsx';
import { showTooltips } from './ui/tooltip.ts';
import { allowIdle } from './ui/when-idle.ts';

loadConfig();
closeOneLayer();
listenForKeys();
ignoreSecondClicks();
showTooltips();
followDensity();
resumeSending();
printLight();
// If the page was opened without the proxy, add the base path, which the router expects.
if (!`${location.pathname}/`.startsWith(basePath)) {
  history.replaceState(null, '', `${basePath.slice(0, -1)}${location.pathname}${location.search}`);
}
const router = createBrowserRouter(routes, { basename: basePath.slice(0, -1) || '/' });
const startIdle = () => {
  if (!router.state.initialized) return;
  stopWaiting();
  allowIdle();
};
const stopWaiting = router.subscribe(startIdle);
// A page without data is there at once.
startIdle();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="dark"
    >
      <RouterProvider router={router} />
      <ToastHost />
    </MantineProvider>
  </StrictMode>,
);

followInvalidations();
startLoadingEarly();
// After the first paint, so that the page's own requests go first.
requestAnimationFrame(() => setTimeout(followLive));

onSignedIn(({ role }) => {
  const early = noteChoices();
  // If this fails, the browser's own preferences stay.
  import('./api/preferences-sync.ts').then(({ keepPreferences }) => keepPreferences(role, early)).catch(() => {});
});
