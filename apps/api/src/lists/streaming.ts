import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Lists of any length, sent while they are read: batch after batch by keyset, as fast as the client reads. */

/**
 * Rows of the first batch, which decides how soon the first byte comes, and of those behind it. Where no index serves the
 * list each batch reads the whole of it, so that fewer and larger ones are worth their memory.
 */
export const firstBatch = 100;
export const laterBatch = ({ isServed }: { isServed: boolean }) => (isServed ? 500 : 5000);

/** Waits until the chunk is written, so that its memory is free. Returns false if the client has disconnected. */
function write(raw: ServerResponse, chunk: string | Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = () => resolve(false);
    if (raw.destroyed) return gone();
    raw.once('close', gone);
    raw.write(chunk, (error) => {
      raw.off('close', gone);
      resolve(!error);
    });
  });
}

/**
 * Sends the chunks; each is taken from the generator once the one before is written. Fails as any reply while nothing is
 * sent yet; later the connection is closed, so that the client notices. A client that disconnects stops the generator.
 */
export async function streamReply(
  request: FastifyRequest,
  reply: FastifyReply,
  headers: Record<string, string>,
  chunks: AsyncGenerator<string | Buffer>,
): Promise<unknown> {
  // Before the head is sent, so that a fault of the database is still a proper reply.
  let chunk = await chunks.next();
  reply.headers(headers);
  if (request.method === 'HEAD') return '';

  const { raw } = reply;
  const head = reply.getHeaders() as OutgoingHttpHeaders;
  reply.hijack();
  raw.writeHead(200, head);
  try {
    for (; !chunk.done; chunk = await chunks.next()) {
      // The unread rest may still be in flight, so the generator does not go on and reuse its memory.
      if (!(await write(raw, chunk.value))) return reply;
    }
    raw.end();
  } catch (error) {
    request.log.error(error);
    raw.destroy();
  }
  return reply;
}
