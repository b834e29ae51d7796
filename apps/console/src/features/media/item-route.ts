export { ItemDrawer as Component } from './item-drawer.tsx';
export { loader } from './item-loader.ts';
