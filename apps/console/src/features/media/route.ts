export { MediaPage as Component } from './media-page.tsx';
