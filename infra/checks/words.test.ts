import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'words-'));
afterAll(() => rmSync(directory, { recursive: true }));

// In two parts, because this file is checked too.
const first = ['an', 'ew'].join('');
const second = ['Some', 'body'].join('');

test('refuses a forbidden word with file and line, except in exempt files', () => {
  const files = {
    'packages/domain/src/rules.ts': `// Plain.\n// Read it ${first}.\n`,
    'README.md': `Ask ${second}.\n`,
    'infra/migrations/console/V1__a.sql': `-- ${first}\n`,
    'CHANGELOG.md': `# Changelog\n\n## 0.1.0\n\n- Begins ${first}.\n`,
    'apps/console/picture.png': `${first}\0`,
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
    `README.md:1: write "${second}" in plain English`,
    `packages/domain/src/rules.ts:2: write "${first}" in plain English`,
  ]);
  expect(status).toBe(1);

  rmSync(join(directory, 'README.md'));
  writeFileSync(join(directory, 'packages/domain/src/rules.ts'), '// Read it again.\n');
  expect(run().status).toBe(0);
});
