import type { RouteObject } from 'react-router';
import { loadEarly, readCode } from '#live/lazy-part.ts';
import { ErrorPage } from './error-page.tsx';
import { pages } from './features.ts';
import { Frame } from './frame.tsx';
import { Loading } from './loading.tsx';
import { NotFoundPage } from './not-found-page.tsx';

/** The routes beside a page load with it, so that a row also opens during an outage. */
const pageRoutes: RouteObject[] = pages.map(({ path, lazy: read, children = [] }) => {
  const lazy = async () => {
    const page = await readCode(read);
    for (const child of children) loadEarly(child.lazy);
    return page;
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
