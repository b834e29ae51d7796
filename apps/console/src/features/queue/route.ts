export { loader, shouldRevalidate } from './loader.ts';
export { QueuePage as Component } from './queue-page.tsx';
