/** The longest search that the API takes. */
export const longestSearch = 500;
