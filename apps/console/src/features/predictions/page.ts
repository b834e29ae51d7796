import { IconGauge } from '@tabler/icons-react';
import { definePage } from '#pages/define-page.ts';

export const predictionsPage = definePage({
  path: '/predictions',
  formerly: ['/prediction', '/prediction_anomalies'],
  name: 'Predictions',
  purpose: 'Where the model is wrong, and what its threshold does.',
  hint: 'Move the threshold to see what it costs; a cell of the matrix shows the titles in it.',
  Icon: IconGauge,
  group: 'model',
  letter: 'p',
  opensWithFilter: true,
  keys: () => import('./keys.ts'),
  lazy: () => import('./route.ts'),
});
