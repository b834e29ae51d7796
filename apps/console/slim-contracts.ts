import { fileURLToPath, pathToFileURL } from 'node:url';
import { normalizePath, type Plugin } from 'vite';

/**
 * The contracts for the browser: the method, path, role and name of each endpoint, and all other values as they are.
 * The browser does not need the schemas, which are 8 kB of the first page, gzipped; it gets a few, without titles and descriptions.
 */

const directory = normalizePath(fileURLToPath(new URL('../../packages/contracts/src/', import.meta.url)));

type Parts = { method?: unknown; url?: unknown; config?: unknown; schema?: { operationId?: unknown; tags?: unknown } };

function slim(value: unknown): unknown {
  const { method, url, config, schema } = (value ?? {}) as Parts;
  if (schema?.operationId === undefined) return value;
  return { method, url, config, schema: { operationId: schema.operationId, tags: schema.tags } };
}

/** Leaves out titles and descriptions. A property of that name stays: it is an object. */
const withoutWords = (name: string, value: unknown) =>
  /^(title|description)$/.test(name) && typeof value === 'string' ? undefined : value;
const print = (value: unknown) =>
  JSON.stringify(slim(value), typeof value === 'object' && value && '$id' in value ? withoutWords : undefined);

export function slimContracts(): Plugin {
  return {
    name: 'contracts',
    enforce: 'pre',
    async load(id) {
      const file = id.split('?', 1)[0] as string;
      if (!file.startsWith(directory)) return null;
      const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      // A rule that both sides apply: functions without schemas.
      if (Object.values(module).every((value) => typeof value === 'function')) return null;
      return Object.entries(module)
        .filter(([, value]) => typeof value !== 'function')
        .map(([name, value]) => `export const ${name} = ${print(value)};`)
        .join('\n');
    },
  };
}
