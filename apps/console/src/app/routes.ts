import type { RouteObject } from 'react-router';
import { ErrorPage } from './error-page.tsx';
import { pageRoutes } from './features.ts';
import { Frame } from './frame.tsx';
import { Loading } from './loading.tsx';
import { NotFoundPage } from './not-found-page.tsx';

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
