export { loader, shouldRevalidate } from './loader.ts';
export { MediaPage as Component } from './media-page.tsx';
