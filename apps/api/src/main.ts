import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { createDeps } from './deps.ts';

/** The API as a supervised process: the environment in, a listening server out. */

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  if (config.database === null) {
    throw new ConfigError('No database is configured. Set DATABASE_URL or REAR_DIFF_PGSQL_HOST and _PASSWORD.');
  }
  const deps = createDeps({ ...config, database: config.database }, { embedded: false });
  const app = await buildApp(deps, {
    logger: { level: config.logLevel },
    consoleDirectory: fileURLToPath(new URL('../../console/dist', import.meta.url)),
  });
  const stop = async (signal: NodeJS.Signals) => {
    app.log.info(`${signal}: finishing what is in flight`);
    // What does not finish by then is cut off.
    setTimeout(() => process.exit(1), 10_000).unref();
    await app.close();
    await deps.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await app.listen({ host: config.host, port: config.port });
} catch (error) {
  const known = error instanceof ConfigError || (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  console.error(known ? (error as Error).message : error);
  process.exitCode = 1;
}
