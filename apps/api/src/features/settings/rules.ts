/** Why a section is not written here; undefined: it is. */
export const sectionRefusal = (section: string): string | undefined =>
  /^pipeline(-presets)?$/.test(section) ? 'The file pipeline is configured by PUT /api/config.' : undefined;
