/** The longest search that the API accepts. */
export const longestSearch = 500;
