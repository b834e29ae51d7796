export { loader, shouldRevalidate } from './loader.ts';
export { TrainingPage as Component } from './training-page.tsx';
