/** The URL of the latest file. The browser does not report when it has read it, so the next file revokes it. */
let latestUrl: string | undefined;

/** Offers a text as a file. */
export function download(name: string, type: string, text: string): void {
  if (latestUrl !== undefined) URL.revokeObjectURL(latestUrl);
  latestUrl = URL.createObjectURL(new Blob([text], { type }));
  Object.assign(document.createElement('a'), { href: latestUrl, download: name }).click();
}
