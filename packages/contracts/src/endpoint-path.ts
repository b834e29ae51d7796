/** The path of an endpoint: below that of the API, or of the product where it stands beside the prefix. */
export const pathOfEndpoint = (url: string, { root, api }: { root: string; api: string }): string =>
  `${url.startsWith('/api/') ? root : api}${url}`;
