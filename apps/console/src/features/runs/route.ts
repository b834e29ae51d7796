export { loader, shouldRevalidate } from './loader.ts';
export { RunsPage as Component } from './runs-page.tsx';
