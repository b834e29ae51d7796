/** Where a section is written that is checked more than others; undefined: here. */
export const otherWriter = (section: string): string | undefined =>
  /^pipeline(-presets)?$/.test(section) ? 'The file pipeline is configured by PUT /api/config.' : undefined;
