import { fileURLToPath, pathToFileURL } from 'node:url';
import { normalizePath, type Plugin } from 'vite';

/**
 * The contracts as a browser needs them: of an endpoint its method, path, role and name, of everything else its value.
 * Schemas are types for the compiler and rules for the API; a browser that loads them (8 kB of the first page, gzipped) has
 * no use for them.
 */

const directory = normalizePath(fileURLToPath(new URL('../../packages/contracts/src/', import.meta.url)));

type Parts = { method?: unknown; url?: unknown; config?: unknown; schema?: { operationId?: unknown; tags?: unknown } };

function slim(value: unknown): unknown {
  const { method, url, config, schema } = (value ?? {}) as Parts;
  if (schema?.operationId === undefined) return value;
  return { method, url, config, schema: { operationId: schema.operationId, tags: schema.tags } };
}

export function contracts(): Plugin {
  return {
    name: 'contracts',
    enforce: 'pre',
    async load(id) {
      const file = id.split('?', 1)[0] as string;
      if (!file.startsWith(directory)) return null;
      const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      // A rule that both sides apply: its file has functions alone, and no schemas.
      if (Object.values(module).every((value) => typeof value === 'function')) return null;
      return Object.entries(module)
        .filter(([, value]) => typeof value !== 'function')
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(slim(value))};`)
        .join('\n');
    },
  };
}
