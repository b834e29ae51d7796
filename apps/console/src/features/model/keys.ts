import { keyMap } from '#keys/bindings.ts';

const map = { title: 'Model', page: 'model' };

export const modelKeys = keyMap({ ...map, id: 'model', keys: { refresh: { keys: ['r'], label: 'Refresh' } } });

export const treeKeys = keyMap({
  ...map,
  id: 'tree',
  keys: {
    next: { keys: ['j'], label: 'Next tree', repeats: true },
    previous: { keys: ['k'], label: 'Previous tree', repeats: true },
  },
});

export const treeViewKeys = keyMap({
  ...map,
  id: 'tree-view',
  keys: {
    zoomIn: { keys: ['+', '='], label: 'Zoom in', repeats: true },
    zoomOut: { keys: ['-'], label: 'Zoom out', repeats: true },
    whole: { keys: ['0'], label: 'Show the whole tree' },
    root: { keys: ['.'], label: 'Back to the root' },
  },
});
