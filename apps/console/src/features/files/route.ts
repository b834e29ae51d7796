export { FilesPage as Component } from './files-page.tsx';
export { loader } from './loader.ts';
