export { PredictionsPage as Component } from './predictions-page.tsx';
