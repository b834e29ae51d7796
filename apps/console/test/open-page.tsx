import { MantineProvider, mergeThemeOverrides } from '@mantine/core';
import { notifications, notificationsStore } from '@mantine/notifications';
import { configure, getConfig, waitFor, within } from '@testing-library/dom';
import { userEvent } from '@testing-library/user-event';
import { useLayoutEffect } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { createBrowserRouter, createPath, Outlet, useLocation, useNavigation } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { expect } from 'vitest';
import { queryClient } from '#api/query-client.ts';
import { openings } from '#app/open-dialog.ts';
import { routes } from '#app/routes.ts';
import { theme, variables } from '#app/theme.ts';
import { listenForKeys } from '#keys/bindings.ts';
import { outbox } from '#outbox/browser-outbox.ts';
import { closeOneLayer } from '#ui/escape.ts';
import { ToastHost } from '#ui/notify.tsx';
import { showTooltips } from '#ui/tooltip.ts';
import { connectTo, settleRequests } from './api.ts';
import type { Product } from './product.ts';

/** Reads the text nodes: a wait asks for it at each try, and copying the page would take an eighth of the time. */
function textOnScreen(): string {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let text = '';
  while (walker.nextNode())
    if (walker.currentNode.parentElement?.localName !== 'style') text += walker.currentNode.nodeValue;
  return text;
}

// Long enough for a busy machine; a test that passes does not wait.
configure({
  asyncUtilTimeout: 60_000,
  // The text of the page instead of its markup; not for each try of a wait.
  getElementError: (message) => {
    const { _disableExpensiveErrorDiagnostics: isWaiting } = getConfig() as {
      _disableExpensiveErrorDiagnostics?: boolean;
    };
    const text = isWaiting ? '' : `\n\n${textOnScreen()}`;
    return new Error(message?.split('\n', 1)[0] + text);
  },
});
closeOneLayer();
listenForKeys();
showTooltips();

let router: ReturnType<typeof createBrowserRouter>;
let root: Root | undefined;

/** The address on screen, which the router may be ahead of, and whether another is loading. */
let rendered: { address: string; state: string } | undefined;

function Rendered() {
  const address = createPath(useLocation());
  const { state } = useNavigation();
  useLayoutEffect(() => {
    rendered = { address, state };
  });
  return <Outlet />;
}

// Messages stay: reaching their buttons takes a busy machine longer than a user.
const testTheme = mergeThemeOverrides(theme, { components: { Notifications: { defaultProps: { autoClose: false } } } });

function close(): void {
  root?.unmount();
  router?.dispose();
  queryClient.clear();
  openings.set({ palette: 0, keys: 0, calls: 0, more: 0 });
  for (const { id } of notificationsStore.getState().notifications) notifications.hide(id as string);
  document.body.replaceChildren();
  rendered = undefined;
}

export async function endPage(): Promise<void> {
  close();
  await settleRequests();
  // A write without a reply waits for seconds.
  outbox.retry();
  await allSent();
  localStorage.clear();
  sessionStorage.clear();
}

/** The console at an address, on the API of a product. `key` is the API key of a signed-in user. */
export function openPage(address: string, { product, key }: { product: Product; key?: string }) {
  connectTo(product.url, key);
  // A key as the router gives each entry, because modules store state by key.
  history.pushState({ key: crypto.randomUUID() }, '', address);
  reload();
  // There is no layout here, so nothing covers anything.
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  return {
    user,
    /** Waits until the element is there and takes clicks, which a button does not while it loads, and clicks it. */
    click: async (role: string, name: string | RegExp, container: HTMLElement = document.body) => {
      const ready = () => {
        const element = within(container).getByRole(role, { name });
        expect(element.matches(':disabled, [data-disabled], [data-loading]')).toBe(false);
        return element;
      };
      await user.click(await waitFor(ready));
    },
  };
}

/** Renders the console again at its address, as a reload does; modules keep their state. */
export function reload(): void {
  close();
  router = createBrowserRouter([{ Component: Rendered, children: routes }]);
  root = createRoot(document.body.appendChild(document.createElement('div')));
  root.render(
    <MantineProvider theme={testTheme} cssVariablesResolver={variables} defaultColorScheme="dark" env="test">
      <RouterProvider router={router} />
      <ToastHost />
    </MantineProvider>,
  );
}

/** Waits until the page at this address is on screen and nothing is loading. */
export const at = (address: string) => waitFor(() => expect(rendered).toEqual({ address, state: 'idle' }));

/** Waits until the API has every answer. */
export const allSent = () => waitFor(() => expect(outbox.unsent.get()).toEqual([]));
