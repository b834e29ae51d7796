import { describe, expect, it } from 'vitest';
import { serverRoutes } from './server-routes.ts';

describe('the addresses that servers know', () => {
  it('are those of the pages and of what they show beside themselves', () => {
    expect(serverRoutes.pages).toEqual([
      '/',
      '/media',
      '/media/:hash',
      '/training',
      '/predictions',
      '/files',
      '/files/batches',
      '/files/batches/:id',
      '/files/duplicates',
      '/files/all',
      '/files/config',
      '/model',
      '/queue',
      '/runs',
      '/logs',
      '/activity',
      '/activity/:operation_id',
      '/migrations',
      '/settings',
    ]);
  });

  it.each([
    ['/prediction', '/predictions'],
    ['/prediction_anomalies', '/predictions'],
    ['/flyway', '/migrations'],
    ['/get_flyway_migrations', '/migrations'],
    ['/algo', '/model'],
    ['/training_backlog', '/training'],
    ['/training_search', '/training'],
    ['/training_anomalies', '/training'],
    ['/get_media', '/media'],
    ['/media_pipeline', '/media'],
    ['/changelog', '/settings'],
    ['/dashboard', '/files'],
    ['/control', '/files'],
  ])('%s of the original console leads to %s', (path, page) => {
    expect(serverRoutes.moved[path]).toBe(page);
    expect(serverRoutes.pages).not.toContain(path);
  });
});
