import './styles.ts';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { resumeSending } from './features/training/resume.ts';
import { routes } from './routes.ts';
import { colorSchemeManager } from './shared/color-scheme.ts';
import { loadConfig } from './shared/config.ts';
import { followDensity } from './shared/density.ts';
import { listenForKeys } from './shared/keys.ts';
import { followLive } from './shared/live.ts';
import { ToastPlace } from './shared/notify.tsx';
import { who } from './shared/session.ts';
import { theme, variables } from './theme.ts';

loadConfig();
listenForKeys();
followDensity();
resumeSending();
const router = createBrowserRouter(routes);

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="dark"
    >
      <RouterProvider router={router} />
      <ToastPlace />
    </MantineProvider>
  </StrictMode>,
);

// What is to be seen first is asked for first.
requestAnimationFrame(() => setTimeout(followLive));

const stopWaiting = who.subscribe(() => {
  const session = who.get()?.session;
  if (!session) return;
  stopWaiting();
  // Where the API is away, the browser's own preferences hold.
  import('./shared/preferences-sync.ts').then(({ keepPreferences }) => keepPreferences(session.role)).catch(() => {});
});
