import { ConfigError } from '@at/config/environment';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.ts';

const reasons: Record<string, string> = {
  EADDRINUSE: 'another program uses the port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this user may not use the port',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'there is no such host',
};

/** Listens; throws ConfigError with one sentence where that is not possible. */
export async function listen(app: FastifyInstance, { host, port }: Pick<Config, 'host' | 'port'>): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new ConfigError(`The API cannot listen on ${host}:${port}: ${reason}. Set API_HOST or API_PORT.`);
  }
}
