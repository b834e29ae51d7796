export { loader } from './loader.ts';
export { ModelPage as Component } from './model-page.tsx';
