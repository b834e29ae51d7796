import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { slimContracts } from './slim-contracts.ts';

/** Country flags as separate files, so that a page loads only those it shows. */
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

/** Leaves out Mantine's variables of colours that no part of the console uses: 2 kB of style sheets, gzipped. */
function palette(): Plugin {
  const unused = /^\s*--mantine-color-(cyan|grape|green|indigo|lime|orange|pink|violet)-[\w-]+:[^;]*;\n/gm;
  return {
    name: 'palette',
    enforce: 'pre',
    transform: {
      filter: { id: /@mantine\/core\/styles\/default-css-variables\.css$/ },
      handler: (code) => code.replace(unused, ''),
    },
  };
}

/** The host stays that of the page, or the API would refuse its changes as those of another origin. */
const api = { target: `http://127.0.0.1:${process.env.API_PORT ?? 8000}`, changeOrigin: false };

export default defineConfig({
  // Servers write the path of the console into the page; scripts find each other.
  base: './',
  plugins: [react(), flags(), palette(), slimContracts()],
  server: { port: 5173, proxy: { '/rear-diff': api, '/api': api, '/config.json': api } },
  build: {
    manifest: true,
    sourcemap: true,
    target: 'es2022',
    // The first browsers with light-dark(). For older ones, Vite replaces it by code that ignores the chosen theme.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The content security policy forbids inlined images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // sizes.ts checks sizes, gzipped and per page.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        // Without names: the first page lists all files, and its size is limited.
        chunkFileNames: 'assets/[hash].js',
        assetFileNames: 'assets/[hash][extname]',
        // Few files, which compress better and load faster than a file for each shared module; sizes.ts checks that no
        // page gets much code that it does not use.
        codeSplitting: {
          groups: [
            { name: 'vendor', tags: ['$initial'], test: /node_modules/ },
            {
              name: 'frame',
              tags: ['$initial'],
              test: /console\/src\/(app|api|keys|live|outbox|pages|state|ui)\/|contracts\/src/,
            },
            // What most pages show, and what lists do, without what Home takes of it. Home searches nothing.
            {
              name: 'pages',
              minShareCount: 13,
              test: /console\/src\/(ui\/(?!search-box|use-debounced|leave-menu|bottom-bar)|(live|pages|keys)\/)|contracts\/src/,
            },
            // Icons that would each be a file.
            { name: 'pages', minShareCount: 3, test: /icons\/Icon(Clock|Copy|Minus)\./ },
            // What Home takes of titles, or it would take the lists with it.
            { name: 'titles', minShareCount: 4, test: /contracts\/src\/labels|titles\/title-address/ },
            {
              name: 'lists',
              minShareCount: 3,
              test: /console\/src\/(ui\/(reason|cause|search-box|use-debounced|leave-menu|bottom-bar)|live\/(changed-keys|confirm|row-patches|use-live-rows|write)|api\/read-by-ids|runs\/run-(address|link)|(lists|titles|bulk)\/(?!confusion|genre|saved-views|title-address|title-changes))/,
            },
          ],
        },
      },
    },
  },
});
