/** The address of the page on screen with a run beside it; `search` is that of the page. */
export function runAddress(search: string, id: string): { search: string } {
  const parameters = new URLSearchParams(search);
  parameters.set('run', id);
  return { search: `${parameters}` };
}
