export { loader } from './loader.ts';
export { SettingsPage as Component } from './settings-page.tsx';
