export { BatchesPage as Component } from './batches-page.tsx';
export { loader, shouldRevalidate } from './loader.ts';
