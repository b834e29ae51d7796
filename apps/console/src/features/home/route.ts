export { HomePage as Component } from './home-page.tsx';
export { loader } from './loader.ts';
