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

/** Why there is no reply, after the name of who should have sent it; `timeout`: milliseconds that it had. */
export const whyNoReply = (cause: unknown, timeout: number): string =>
  (cause as Error).name === 'TimeoutError' ? `did not respond within ${timeout / 1000} seconds` : 'is unreachable';

/** What a status of 500 and above says, after the name of who sent it. */
export const faultOf = (status: number): string => `has a fault of its own (${status})`;
