import { keyMap } from '#keys/bindings.ts';

export const pipelineConfigKeys = keyMap({
  id: 'pipeline-config',
  title: 'Configuration',
  page: 'files',
  part: 'config',
  keys: { refresh: { keys: ['r'], label: 'Refresh' } },
});
