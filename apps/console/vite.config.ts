import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { contracts } from './contracts.ts';

/** Country flags as files of their own, so that a page loads the two or three it shows. */
function flags(): Plugin {
  const directory = join(dirname(createRequire(import.meta.url).resolve('country-flag-icons/package.json')), '3x2');
  return {
    name: 'flags',
    configureServer: (server) => {
      server.middlewares.use('/flags', (request, response, next) => {
        const file = join(directory, basename(request.url ?? ''));
        if (!existsSync(file)) return next();
        response.setHeader('content-type', 'image/svg+xml');
        createReadStream(file).pipe(response);
      });
    },
    generateBundle() {
      for (const name of readdirSync(directory).filter((file) => /^[A-Z]{2}\.svg$/.test(file))) {
        this.emitFile({ type: 'asset', fileName: `flags/${name}`, source: readFileSync(join(directory, name)) });
      }
    },
  };
}

const api = `http://127.0.0.1:${process.env.API_PORT ?? 8000}`;

export default defineConfig({
  plugins: [react(), flags(), contracts()],
  server: { port: 5173, proxy: { '/rear-diff': api, '/config.json': api } },
  build: {
    manifest: true,
    sourcemap: true,
    target: 'es2022',
    // The first that know light-dark(); for older ones it would be replaced by something that ignores the chosen theme.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // Inlined images would need a wider content security policy than the page has.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Sizes are judged gzipped and per page, by sizes.ts.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // What every page needs in two files: they compress better and load sooner than thirty pieces.
        codeSplitting: {
          groups: [
            { name: 'vendor', tags: ['$initial'], test: /node_modules/ },
            {
              name: 'frame',
              tags: ['$initial'],
              test: /console\/src\/(app|api|keys|live|outbox|pages|state|ui)\/|contracts\/src/,
            },
          ],
        },
      },
    },
  },
});
