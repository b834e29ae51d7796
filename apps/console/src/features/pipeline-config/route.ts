export { ConfigPage as Component } from './config-page.tsx';
export { loader } from './loader.ts';
