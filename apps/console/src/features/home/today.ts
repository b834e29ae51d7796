/** The midnight with which the day of a moment began where this browser is, as the API takes it. */
export function midnightBefore(moment: Date): string {
  return new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).toISOString();
}
