import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['apps/*/src/**/*.test.{ts,tsx}', 'packages/*/src/**/*.test.ts', 'infra/{demo,local,bench}/**/*.test.ts'],
    globalSetup: ['./vitest.global.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A shared machine can stall a browser or a daemon for seconds. What fails twice is broken; what passes at the second
    // try is listed as retried, and is to be mended.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
