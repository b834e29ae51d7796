import type { LoaderFunction, RouteObject } from 'react-router';
import { ApiProblem, isOutage } from '#api/call.ts';
import { loadEarly, readCode } from '#live/lazy-part.ts';
import { notifyError } from '#ui/notify.tsx';
import { ErrorPage } from './error-page.tsx';
import { pages } from './features.ts';
import { Frame } from './frame.tsx';
import { Loading } from './loading.tsx';
import { NotFoundPage } from './not-found-page.tsx';
import { appTexts } from './texts.ts';

/** What the page on screen loaded last. */
let onScreen: { url: string; data: unknown } | undefined;

/** A page that is loaded again during an outage keeps what it shows. */
function keepOnOutage(load: LoaderFunction): LoaderFunction {
  return async (args, context) => {
    const { url } = args.request;
    try {
      const data: unknown = await load(args, context);
      onScreen = { url, data };
      return data;
    } catch (error) {
      if (onScreen?.url !== url || !isOutage(error)) throw error;
      // An API that does not answer is reported by the banner.
      if (error instanceof ApiProblem) notifyError(appTexts.error.notLoadedAgain, error);
      return onScreen.data;
    }
  };
}

/** The routes beside a page load with it, so that a row also opens during an outage. */
const pageRoutes: RouteObject[] = pages.map(({ path, lazy: read, children = [] }) => {
  const lazy = async () => {
    const page = await readCode(read);
    for (const child of children) loadEarly(child.lazy);
    return page.loader ? { ...page, loader: keepOnOutage(page.loader) } : page;
  };
  if (path === '/') return { index: true, lazy };
  const beside = children.map((child) => ({ ...child, lazy: () => readCode(child.lazy) }));
  return { path: path.slice(1), lazy, children: beside };
});

export const routes: RouteObject[] = [
  {
    path: '/',
    Component: Frame,
    ErrorBoundary: ErrorPage,
    children: [
      {
        // The frame renders before the first page, and stays if a page fails.
        HydrateFallback: Loading,
        ErrorBoundary: ErrorPage,
        children: [...pageRoutes, { path: '*', Component: NotFoundPage }],
      },
    ],
  },
];
