/** Shows the name of what the folded navigation shows as an icon. Unfolded, it says its name, and needs no tooltip. */
export const nameWhenFolded = (name: string, folded: boolean) =>
  folded && { 'data-tooltip': name, 'data-tooltip-at': 'right' };
