/** The longest search that the API takes. */
export const longestSearch = 500;

/** Nothing that is stored holds the character 0, and the API refuses it. */
export const searchText = (text: string | null) => (text ?? '').replaceAll('\0', '').slice(0, longestSearch);
