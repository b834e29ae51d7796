export { ActivityPage as Component } from './activity-page.tsx';
export { loader, shouldRevalidate } from './loader.ts';
