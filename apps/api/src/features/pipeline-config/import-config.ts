import { readFile } from 'node:fs/promises';
import { readYaml } from '@at/domain/pipeline-config/document';
import { importConfig } from '@at/domain/pipeline-config/writes';
import type { FastifyBaseLogger } from 'fastify';
import type { Deps } from '#deps.ts';

const actor = 'MEDIA_PIPELINE_CONFIG';

/** Imports the file that the variable names where nothing is configured yet. A file that cannot be used is logged. */
export async function importFile(
  { config, writes }: Pick<Deps, 'config' | 'writes'>,
  log: FastifyBaseLogger,
): Promise<void> {
  const path = config.pipelineConfig;
  if (path === null) return;
  try {
    const text = await readFile(path, 'utf8');
    const part = readYaml(text);
    const saved = await writes.transaction('the configuration', (trx) => importConfig(trx, { part, text, actor }));
    if (!saved) return;
    log.info(`${actor}: ${path} was imported`);
    for (const { key, message } of saved.warnings) log.warn(`${actor}: ${key} has no effect. ${message}`);
  } catch (error) {
    log.error(
      `${actor}: ${path} was not imported. ${(error as Error).message} Correct it and start again, or write to /api/config.`,
    );
  }
}
