import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What `test:deep` runs: the tests that import `test-size.ts`, or a helper that does. */
function deepTests(): string[] {
  const files = globSync('{apps,packages}/*/{src,test}/**/*.ts').map(
    (path) => [path, readFileSync(path, 'utf8')] as const,
  );
  const importing = (name: string) => files.filter(([, text]) => text.includes(`/${name}'`)).map(([path]) => path);
  const sized = [...importing('test-size'), ...importing('test-size.ts')];
  const paths = sized.flatMap((path) => [path, ...importing(basename(path))]);
  return [...new Set(paths)].filter((path) => path.endsWith('.test.ts'));
}

const journeys = 'apps/e2e/src/journeys/**/*.test.ts';
const faults = '{apps,packages}/**/*.faults.test.ts';

const onServers = {
  globalSetup: ['./vitest.global.ts'],
  // A worker loads the API once, which takes a second, and not for each of its files: what they change is in
  // databases and servers of their own.
  isolate: false,
};

// Each API process that a test starts, and each worker, would otherwise compile the same modules again.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compile');

export default defineConfig(({ mode }) => ({
  test: {
    pool: 'forks',
    // One more than there are cores: a third of the time a test waits, for a page, a timer or a process that starts.
    maxWorkers: mode === 'deep' ? 1 : availableParallelism() + 1,
    env: mode === 'deep' ? { TEST_DEEP: '1' } : {},
    ...(mode === 'deep' && { reporters: ['default', './infra/bench/faults.ts'] }),
    // A server that is named holds what is written to it: files that read would find what others are writing.
    fileParallelism: !process.env.CONFORMANCE_URL,
    // How long a thing that is waited for may take on a busy machine; none takes that long on a free one.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      // Their modules ask for the globals of a browser when they are loaded, which each file stubs for itself: the setup file
      // has them loaded again for each.
      {
        extends: true,
        test: {
          name: 'console',
          include: ['apps/console/src/**/*.test.{ts,tsx}'],
          exclude: ['**/*.route.test.tsx'],
          setupFiles: ['./apps/console/test/fresh-modules.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        oxc: { jsx: { runtime: 'automatic', development: false } },
        test: {
          name: 'routes',
          include: ['apps/console/src/**/*.route.test.tsx'],
          globalSetup: ['./vitest.global.ts', './apps/console/test/global-setup.ts'],
          environment: './apps/console/test/dom-environment.ts',
          setupFiles: ['./apps/console/test/setup.ts'],
          isolate: false,
          // React as it is built for users is twice as fast.
          env: { NODE_ENV: 'production' },
        },
      },
      {
        extends: true,
        test: {
          ...onServers,
          name: 'product',
          include:
            mode === 'deep'
              ? deepTests()
              : [
                  'apps/{api,e2e,worker}/{src,test}/**/*.test.ts',
                  'packages/*/src/**/*.test.ts',
                  'infra/{demo,local,bench,checks}/**/*.test.ts',
                ],
          exclude: mode === 'deep' ? [] : [journeys, faults],
        },
      },
      // Workers that are killed or frozen: a command of its own, because they wait until that is noticed.
      { extends: true, test: { ...onServers, name: 'faults', include: [faults], exclude: ['**/node_modules/**'] } },
      // What only a browser shows: a command of its own, because a browser takes half of all the tests' time.
      { extends: true, test: { ...onServers, name: 'journeys', include: [journeys] } },
    ],
  },
}));
