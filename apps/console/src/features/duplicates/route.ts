export { DuplicatesPage as Component } from './duplicates-page.tsx';
export { loader, shouldRevalidate } from './loader.ts';
