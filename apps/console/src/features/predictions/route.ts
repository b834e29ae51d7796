export { loader, shouldRevalidate } from './loader.ts';
export { PredictionsPage as Component } from './predictions-page.tsx';
