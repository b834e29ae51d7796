export { BatchDrawer as Component } from './batch-drawer.tsx';
export { batchLoader as loader } from './loader.ts';
