import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('refuses a forbidden word with file and line, except in exempt files', () => {
  const files = {
    'packages/domain/src/rules.ts': '// Plain.\n// Read it anew.\n',
    'README.md': 'Ask Somebody.\n',
    'infra/migrations/console/V1__a.sql': '-- whoever\n',
    'CHANGELOG.md': '# Changelog\n\n## 0.1.0\n\n- Tells whoever asks.\n',
    'apps/console/picture.png': 'anew\0',
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  execFileSync('git', ['init', '--quiet'], { cwd: directory });
  const run = () =>
    spawnSync(process.execPath, [join(import.meta.dirname, 'words.ts')], { cwd: directory, encoding: 'utf8' });
  const { status, stderr } = run();
  expect(stderr.trim().split('\n')).toEqual([
    'README.md:1: write "Somebody" in plain English',
    'packages/domain/src/rules.ts:2: write "anew" in plain English',
  ]);
  expect(status).toBe(1);

  rmSync(join(directory, 'README.md'));
  writeFileSync(join(directory, 'packages/domain/src/rules.ts'), '// Read it again.\n');
  expect(run().status).toBe(0);
});
