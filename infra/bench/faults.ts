import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, type as system, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Writes faults.md in `test:deep`: a row for each figure, which a test gives by `annotate(text, 'figure')`. A run of some
 * tests replaces their rows and keeps the others.
 */

const here = fileURLToPath(new URL('.', import.meta.url));
const table = join(here, 'faults.md');

const head = () => `# Faults

What the tests with kills, cut connections, full disks, locked rows, slow clients and long runs found, at the sizes of
\`pnpm test:deep\`. The run writes this file. Load: the average of runnable processes over the last minute, with those of
the test, on ${cpus().length} cores.

Last machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${system()} ${release()}, Node ${process.version}.

| test | figure | held | date | load |
| ---- | ------ | ---- | ---- | ---- |
`;

const cellOf = (text: string) => text.replaceAll('|', '\\|');

export default class FaultReport implements Reporter {
  readonly #figures: { test: TestCase; figure: string; load: number }[] = [];

  onTestCaseAnnotate(test: TestCase, { type, message }: { type: string; message: string }): void {
    if (type === 'figure') this.#figures.push({ test, figure: message, load: loadavg()[0] as number });
  }

  /** Not at the end of the run, which takes hours. */
  onTestModuleEnd(module: TestModule): void {
    const path = relative(here, module.moduleId);
    const date = new Date().toISOString().slice(0, 10);
    const linkOf = ({ fullName }: TestCase) => cellOf(`[${fullName}](${path})`);
    const rows = this.#figures
      .filter(({ test }) => test.module === module)
      .map(({ test, figure, load }) => {
        const held = test.result().state === 'passed' ? 'yes' : 'no';
        return `| ${[linkOf(test), cellOf(figure), held, date, load.toFixed(1)].join(' | ')} |`;
      });
    if (rows.length === 0) return;
    const skipped = [...module.children.allTests('skipped')].map(linkOf);
    const fileOf = (row: string) => /\]\(([^)]+\.test\.ts)\)/.exec(row)?.[1] ?? '';
    const earlier = existsSync(table) ? readFileSync(table, 'utf8').split('\n') : [];
    const kept = earlier.filter((row) =>
      fileOf(row) === path
        ? skipped.some((link) => row.startsWith(`| ${link} |`))
        : fileOf(row) && existsSync(join(here, fileOf(row))),
    );
    const all = [...kept, ...rows].map((row) => ({ row, file: fileOf(row) }));
    all.sort((a, b) => a.file.localeCompare(b.file));
    writeFileSync(table, `${head()}${all.map(({ row }) => `${row}\n`).join('')}`);
  }
}
