export { loader, shouldRevalidate } from './loader.ts';
export { LogsPage as Component } from './logs-page.tsx';
