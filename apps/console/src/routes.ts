import type { RouteObject } from 'react-router';
import { ErrorPage } from './shell/error-page.tsx';
import { Frame } from './shell/frame.tsx';
import { Loading } from './shell/loading.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';

/** Every page of the console. */
export const routes: RouteObject[] = [
  {
    path: '/',
    Component: Frame,
    ErrorBoundary: ErrorPage,
    children: [
      {
        // The frame is there before the first page, and stays when one fails.
        HydrateFallback: Loading,
        ErrorBoundary: ErrorPage,
        children: [
          { index: true, lazy: () => import('./features/home/route.ts') },
          { path: 'training', lazy: () => import('./features/training/route.ts') },
          {
            // What the details of a title load; nothing to look at by itself.
            path: 'training/:imdb_id/history',
            lazy: () => import('./shared/title-history-route.ts'),
            Component: NotFoundPage,
          },
          {
            path: 'media',
            lazy: () => import('./features/media/route.ts'),
            children: [{ path: ':hash', lazy: () => import('./features/media/item-route.ts') }],
          },
          { path: 'predictions', lazy: () => import('./features/prediction/route.ts') },
          {
            // Parts of the page that are read by themselves.
            path: 'predictions/evaluation',
            lazy: () => import('./features/prediction/evaluation-route.ts'),
            Component: NotFoundPage,
          },
          {
            path: 'predictions/slices',
            lazy: () => import('./features/prediction/slices-route.ts'),
            Component: NotFoundPage,
          },
          { path: 'model', lazy: () => import('./features/model/route.ts') },
          {
            path: 'activity',
            lazy: () => import('./features/activity/route.ts'),
            children: [
              { id: 'operation', path: ':operation_id', lazy: () => import('./features/activity/operation-route.ts') },
            ],
          },
          { path: 'migrations', lazy: () => import('./features/flyway/route.ts') },
          { path: 'settings', lazy: () => import('./features/settings/route.ts') },
          { path: '*', Component: NotFoundPage },
        ],
      },
    ],
  },
];
