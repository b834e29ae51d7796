import type { FileSettings } from '@at/adapters/file-trash';
import type { MetadataSources } from '@at/adapters/metadata-sources';
import type { QueueSettings } from '@at/adapters/queue-systems';
import type { TransmissionSettings } from '@at/adapters/transmission';
import { readVariables } from '@at/config/environment';
import {
  databaseVariables,
  fileVariables,
  type LogLevel,
  logLevelOf,
  logVariables,
  metadataVariables,
  queueVariables,
  readDatabase,
  readFiles,
  readMetadata,
  readQueue,
  readTransmission,
  requireDatabase,
  transmissionVariables,
} from '@at/config/settings';
import type { Connection } from '@at/db/connection';
import { Type } from 'typebox';

/** The variables of the worker, each of which the API has too. */
export const Environment = Type.Object({
  ...databaseVariables,
  ...logVariables,
  ...fileVariables,
  ...metadataVariables,
  ...queueVariables,
  ...transmissionVariables,
});

export type Config = {
  database: Connection;
  logLevel: LogLevel;
  files: FileSettings;
  metadata: MetadataSources;
  queue: QueueSettings & { settle: number };
  transmission: TransmissionSettings | null;
};

/** Reads the configuration from `environment`. Throws ConfigError. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const checked = readVariables(Environment, environment);
  return {
    database: requireDatabase(readDatabase(environment)),
    logLevel: logLevelOf(checked.LOG_LEVEL as string),
    files: readFiles(checked),
    metadata: readMetadata(checked),
    queue: readQueue(checked),
    transmission: readTransmission(checked),
  };
}
