import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MigrationError } from '@at/db/migration-files';
import { checkStart } from '@at/db/start-check';
import { buildApp } from './app.ts';
import { ConfigError, readConfig } from './config.ts';
import { createDeps } from './deps.ts';
import { listen } from './listen.ts';

/** The API as a supervised process: the environment in, a listening server out. */

/** An unreachable database does not prevent a start: `/readyz` does the checks again. */
const unreachable = (error: unknown) => {
  if (!(error instanceof MigrationError)) throw error;
  return { fault: null, ownerTask: null };
};

try {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const config = readConfig(process.env);
  if (config.database === null) {
    throw new ConfigError('No database is configured. Set DATABASE_URL or REAR_DIFF_PGSQL_HOST and _PASSWORD.');
  }
  const { fault, ownerTask } = await checkStart(config.database, 2_000).catch(unreachable);
  if (fault) throw new ConfigError(fault);
  const deps = createDeps({ ...config, database: config.database }, { embedded: false });
  const app = await buildApp(deps, {
    logger: { level: config.logLevel },
    consoleDirectory: fileURLToPath(new URL('../../console/dist', import.meta.url)),
  });
  const stop = async (signal: NodeJS.Signals) => {
    app.log.info(`${signal}: finishing requests in flight`);
    // Anything still running then is cut off.
    setTimeout(() => process.exit(1), 10_000).unref();
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
