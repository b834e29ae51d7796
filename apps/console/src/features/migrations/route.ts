export { loader } from './loader.ts';
export { MigrationsPage as Component } from './migrations-page.tsx';
