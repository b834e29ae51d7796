export const runLinkTexts = { show: 'Show run' } as const;
