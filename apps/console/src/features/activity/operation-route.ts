export { OperationDrawer as Component } from './operation-drawer.tsx';
export { loader } from './operation-loader.ts';
