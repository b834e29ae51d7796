export { AllFilesPage as Component } from './all-files-page.tsx';
export { loader, shouldRevalidate } from './loader.ts';
