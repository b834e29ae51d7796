/** The body of a reply as text; undefined: it has more bytes than this. Throws what the connection throws. */
export const readText = async (response: Response, maximumBytes: number): Promise<string | undefined> =>
  (await readBytes(response, maximumBytes))?.toString('utf8');

/** The same as bytes. */
export async function readBytes(response: Response, maximumBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maximumBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
