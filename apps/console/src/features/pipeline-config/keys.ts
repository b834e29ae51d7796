import { keyMap } from '#keys/bindings.ts';

export const pipelineConfigKeys = keyMap({
  id: 'pipeline-config',
  title: 'Configuration',
  page: 'configuration',
  keys: { refresh: { keys: ['r'], label: 'Refresh' } },
});
