import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endProcess } from '@at/adapters/disk';
import { ConfigError } from '@at/config/environment';
import { requireDatabase } from '@at/config/settings';
import { checkStartIfReachable } from '@at/db/start-check';
import { buildApp } from './app.ts';
import { readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { listen } from './listen.ts';

/** The API as a supervised process: the environment in, a listening server out. */

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  const database = requireDatabase(config.database);
  // Without a database it starts too: `/readyz` does the checks again.
  const { fault, ownerTask } = await checkStartIfReachable(database);
  if (fault) throw new ConfigError(fault);
  const deps = createDeps({ ...config, database }, { embedded: false });
  const app = await buildApp(deps, {
    logger: { level: config.logLevel },
    consoleDirectory: fileURLToPath(new URL('../../console/dist', import.meta.url)),
  });
  const stop = async (signal: NodeJS.Signals) => {
    app.log.info(`${signal}: finishing requests in flight`);
    // Anything still running then is cut off.
    setTimeout(() => endProcess(1), 10_000).unref();
    await app.close();
    await deps.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (ownerTask) app.log.warn(ownerTask);
  await listen(app, config);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
