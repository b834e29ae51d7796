// A list as text, for query strings: commas separate the values. A backslash makes a comma, a backslash, or a blank at the
// start or end part of its value; before any other character it is itself.

/** The values of a list, without blanks around them; empty ones are left out. */
export function splitList(text: string): string[] {
  const parts = text.match(/(?:\\[\\,]|[^,])+/g) ?? [];
  return parts
    .map((part) => part.replace(/^\s*((?:\\[\\,\s]|[\s\S])*?)\s*$/, '$1').replace(/\\([\\,\s])/g, '$1'))
    .filter(Boolean);
}

export function joinList(values: readonly (string | number | boolean)[]): string {
  return values.map((value) => String(value).replace(/\\(?=[\\,\s]|$)|,|^\s|\s$/g, '\\$&')).join(',');
}
