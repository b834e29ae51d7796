/** What clients accept as a reply. */

/** Whether a client names one of the types, and does not refuse it. */
function names(accept: string, types: readonly string[]): boolean {
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    return types.includes(type) && !parameters.some((one) => /^q=0(\.0*)?$/.test(one));
  });
}

/** Whether a client that sends this header reads server-sent events. */
export const acceptsStream = (accept = ''): boolean => names(accept, ['text/event-stream']);

/** Whether a client that sends this header wants YAML: it names it, and no JSON. */
export const acceptsYaml = (accept = ''): boolean =>
  names(accept, ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']) &&
  !names(accept, ['application/json']);
