import { type ChildProcess, execFile, execFileSync, fork } from 'node:child_process';
import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { hashFiles, walkFiles } from '@at/adapters/file-thread';
import { createDb, createPool } from '@at/db/client';
import type { DB } from '@at/db/schema';
import { makeRoot } from '@at/domain/files/roots';
import { scan } from '@at/domain/files/tasks/scan';
import { JobQueue } from '@at/runs/job-queue';
import { Runs } from '@at/runs/runs';
import { type Kysely, sql } from 'kysely';
import { type Bench, cpuOf, median } from './measure.ts';
import { number, table } from './table.ts';

// The scan of files beside programs that find duplicates, on the same trees, in turn.

/** Sets of equal files, by their paths below the tree. */
type Sets = string[][];
type Program = { name: string; package: string; find: (tree: string) => Promise<Sets> };

const run = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args, { maxBuffer: 2 ** 30 })).stdout;
const blocks = (text: string): Sets =>
  text
    .trim()
    .split('\n\n')
    .map((block) => block.split('\n'));

const programs = (out: string): Program[] => [
  { name: 'jdupes', package: 'Debian', find: async (tree) => blocks(await run('jdupes', '-rq', tree)) },
  { name: 'fdupes', package: 'Debian', find: async (tree) => blocks(await run('fdupes', '-rqn', tree)) },
  {
    name: 'rdfind',
    package: 'Debian',
    find: async (tree) => {
      await run('rdfind', '-dryrun', 'true', '-outputname', out, tree);
      const lines = readFileSync(out, 'utf8').split('\n');
      const found = lines.filter((line) => line.startsWith('DUPTYPE_')).map((line) => line.split(' '));
      const pathOf = (parts: string[]) => parts.slice(7).join(' ');
      // A number below zero names the first file of its set.
      const sets = Map.groupBy(found, (parts) => Math.abs(Number(parts[1])));
      return [...sets.values()].map((set) => set.map(pathOf));
    },
  },
  {
    name: 'rmlint',
    package: 'Debian',
    find: async (tree) => {
      await run('rmlint', '-T', 'df', '-o', `json:${out}`, tree);
      type Line = { type?: string; checksum: string; path: string };
      const lines = (JSON.parse(readFileSync(out, 'utf8')) as Line[]).filter(({ type }) => type === 'duplicate_file');
      return [...Map.groupBy(lines, ({ checksum }) => checksum).values()].map((set) => set.map(({ path }) => path));
    },
  },
  {
    name: 'fclones',
    package: 'crates.io',
    find: async (tree) => {
      await run('fclones', 'group', '-f', 'json', '-o', out, tree);
      return (JSON.parse(readFileSync(out, 'utf8')) as { groups: { files: string[] }[] }).groups.map(
        ({ files }) => files,
      );
    },
  },
];

function isInstalled({ name }: Program): boolean {
  try {
    execFileSync('which', [name]);
    return true;
  } catch {
    return false;
  }
}

/** Some bytes that are no other file's. */
function noise(): (size: number) => Buffer {
  const bytes = randomFillSync(Buffer.alloc(64 << 20));
  let count = 0;
  return (size) => {
    count += 1;
    const from = (count * 4099) % (bytes.length - Math.min(size, bytes.length / 2));
    const content = Buffer.concat([bytes.subarray(from, from + size), Buffer.alloc(Math.max(0, size - bytes.length))]);
    content.writeUInt32LE(count, 0);
    return content.subarray(0, size);
  };
}

function put(path: string, content: Buffer): void {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
}

/** Photos of 2 to 32 KiB in directories of 200; a fifth have the content of an earlier one. */
function makeSmall(tree: string, count: number): void {
  const next = noise();
  const recent: Buffer[] = [];
  let originals = 0;
  for (let i = 0; i < count; i += 1) {
    const again = i % 5 === 4 ? recent[(i * 31) % recent.length] : undefined;
    const content = again ?? next(2_048 + ((i * 7_919) % 30_720));
    if (!again) recent[originals++ % 4_000] = content;
    put(join(tree, `${Math.floor(i / 10_000)}/${Math.floor(i / 200)}/IMG_${String(i).padStart(6, '0')}.jpg`), content);
  }
}

/** Photos, raw photos of one size, and videos: a copy, and one that differs in a byte in its middle. */
function makeLarge(tree: string): void {
  const next = noise();
  const photos: Buffer[] = [];
  for (let i = 0; i < 400; i += 1) {
    const content = i >= 334 ? (photos[i % 60] as Buffer) : next(2_000_000 + ((i * 7_919) % 4_000_000));
    if (i < 60) photos.push(content);
    put(join(tree, `photos/IMG_${i}.jpg`), content);
  }
  for (let i = 0; i < 30; i += 1) put(join(tree, `raw/DSC_${i}.arw`), next(25_000_000));
  const video = Buffer.concat(Array.from({ length: 10 }, () => next(40_000_000)));
  put(join(tree, 'video/1.mov'), video);
  put(join(tree, 'video/2.mov'), video);
  video.writeUInt8(video.readUInt8(200_000_000) ^ 1, 200_000_000);
  put(join(tree, 'video/3.mov'), video);
}

/** One file with two names, and a copy of it; another file with two names. */
function makeLinks(tree: string): void {
  const next = noise();
  const [one, two] = [next(300_000), next(500_000)];
  put(join(tree, 'a.jpg'), one);
  linkSync(join(tree, 'a.jpg'), join(tree, 'b.jpg'));
  put(join(tree, 'c.jpg'), one);
  put(join(tree, 'd.jpg'), two);
  linkSync(join(tree, 'd.jpg'), join(tree, 'e.jpg'));
}

/** What tells answers apart: sets and their files in order. */
function digest(sets: Sets, tree: string): string {
  const lines = sets.map((set) =>
    set
      .map((path) => relative(tree, path))
      .toSorted()
      .join('\0'),
  );
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('hex').slice(0, 8);
}

type Measured = { seconds: number; cpu: number };
type Timed = Measured & { sets: Sets };

async function timed(work: () => Promise<Sets>): Promise<Timed> {
  const before = cpuOf(process.pid, 'with its ended children') - cpuOf(process.pid);
  const began = performance.now();
  const sets = await work();
  const seconds = (performance.now() - began) / 1000;
  return { seconds, cpu: cpuOf(process.pid, 'with its ended children') - cpuOf(process.pid) - before, sets };
}

/** As in the image: it is filled before a worker starts. */
const compileCache = join(import.meta.dirname, '../../node_modules/.cache/compile');

/** The scan as the product does it: a run, a worker in its own process, and rows. */
class Product {
  readonly #bench: Bench;
  readonly #connection: string;
  readonly #db: Kysely<DB>;
  readonly #queue: JobQueue;
  readonly #worker: ChildProcess;
  /** The most that a worker had, in MB. */
  memory = 0;

  constructor(bench: Bench, connection: string) {
    this.#bench = bench;
    this.#connection = connection;
    this.#db = createDb(createPool({ connection }));
    this.#queue = new JobQueue({ connection }, { supervises: false, onError: console.error });
    this.#worker = this.#start();
  }

  #start(): ChildProcess {
    return fork(new URL('worker.ts', import.meta.url), ['scan', this.#connection], {
      execArgv: ['--max-semi-space-size=2'],
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
  }

  watchOthers = () => this.#bench.watchOthers();

  async root(tree: string): Promise<number> {
    return (await makeRoot(this.#db, Buffer.from(tree), tree)).id;
  }

  /** Forgets all files, but not the roots. */
  async forget(): Promise<void> {
    await sql`truncate console.file, console.file_directory, console.duplicate_set, console.move, console.batch, console.run,
      console.step, console.step_attempt, console.job, console.run_log cascade`.execute(this.#db);
    await sql`insert into console.file_directory (root_id, name) select id, '' from console.file_root`.execute(
      this.#db,
    );
    // Capture dates, which the others do not read.
    await sql`alter table console.file alter column examined_at set default now()`.execute(this.#db);
  }

  async scan(root: number): Promise<Measured> {
    const pid = this.#worker.pid as number;
    const before = cpuOf(pid) + this.#bench.postgresCpu();
    const began = performance.now();
    const { id } = await this.#db
      .transaction()
      .execute((trx) =>
        new Runs(this.#queue, {}).start(
          trx,
          scan,
          { root },
          { starter: { trigger: 'manual', actor: { name: 'ann', verified: true } } },
        ),
      );
    for (;;) {
      const { rows } = await sql<{ outcome: string | null }>`
        select outcome from console.run where id = ${id}::uuid
      `.execute(this.#db);
      const outcome = rows[0]?.outcome;
      if (outcome === 'completed') break;
      if (outcome) throw new Error(`The scan ended as ${outcome}.`);
      await sleep(10);
    }
    const seconds = (performance.now() - began) / 1000;
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    this.memory = Math.max(this.memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024);
    return { seconds, cpu: cpuOf(pid) + this.#bench.postgresCpu() - before };
  }

  async sets(tree: string): Promise<Sets> {
    const { rows } = await sql<{ paths: string[] }>`
      select array_agg(console.file_path(f.directory_id, f.name)) as paths from console.file f
      where f.status = 'DUPLICATE' or f.id in (select duplicate_of from console.file where duplicate_of is not null)
      group by coalesce(f.duplicate_of, f.id)
    `.execute(this.#db);
    return rows.map(({ paths }) => paths.map((path) => join(tree, path)));
  }

  async saving(): Promise<number> {
    const { rows } = await sql<{ bytes: number }>`
      select coalesce(sum(saving), 0)::float8 as bytes from console.duplicate_set
    `.execute(this.#db);
    return rows[0]?.bytes ?? 0;
  }

  async stop(): Promise<void> {
    this.#worker.disconnect();
    await once(this.#worker, 'exit');
    await this.#queue.stop();
    await this.#db.destroy();
  }
}

/** The threads of a scan without a row: what is as large as another file is read. */
async function readAlone(tree: string): Promise<Sets> {
  const { signal } = new AbortController();
  type Found = { path: Buffer; size: bigint; mtime: bigint; ctime: bigint; inode: bigint };
  const found: Found[] = [];
  const root = Buffer.from(tree);
  for await (const group of walkFiles(root, { signal })) {
    let at = 0;
    for (const { path, files } of group.directories)
      for (const end = at + files; at < end; at += 1) {
        const name = group.names.subarray(at === 0 ? 0 : group.ends[at - 1], group.ends[at]);
        found.push({
          path: Buffer.concat([root, Buffer.from('/'), path, Buffer.from('/'), name]),
          size: group.sizes[at] as bigint,
          mtime: group.mtimes[at] as bigint,
          ctime: group.ctimes[at] as bigint,
          inode: group.inodes[at] as bigint,
        });
      }
  }
  let alike = [...Map.groupBy(found, ({ size }) => size).values()].filter(({ length }) => length > 1).flat();
  for (const part of ['head', 'whole'] as const) {
    const jobs = alike.map((file) => ({ ...file, part }));
    const heads: { job: Found; head: string }[] = [];
    for await (const some of hashFiles(jobs, { threads: 4, signal }))
      for (const { job, result } of some)
        if (job.size > 131_072n)
          heads.push({ job, head: `${job.size} ${Buffer.from(result.head ?? []).toString('hex')}` });
    alike = [...Map.groupBy(heads, ({ head }) => head).values()]
      .filter(({ length }) => length > 1)
      .flatMap((some) => some.map(({ job }) => job));
  }
  return [];
}

/** Whether what the kernel keeps of files can be dropped. Entries of directories stay. */
function dropCaches(): boolean {
  try {
    execFileSync('sync');
    writeFileSync('/proc/sys/vm/drop_caches', '1');
    return true;
  } catch {
    return false;
  }
}

export async function measureFiles(bench: Bench, connection: string, count: number, rounds: number): Promise<void> {
  const peers = programs(join(bench.directory, 'peer.out'));
  const installed = peers.filter(isInstalled);
  const absent = peers
    .filter((peer) => !installed.includes(peer))
    .map(({ name, package: from }) => `${name} (${from})`);
  if (absent.length > 0) console.log(`Left out, because not installed: ${absent.join(', ')}.\n`);
  const product = new Product(bench, connection);
  try {
    const trees = { small: join(bench.directory, 'small'), large: join(bench.directory, 'large') };
    makeSmall(trees.small, count);
    makeLarge(trees.large);
    const titles = {
      warm: `${number(count, 0)} small files, in the memory of the kernel`,
      cold: `${number(count, 0)} small files, from the disk`,
      large: 'Large files: 400 photos, 30 raw photos of one size, 3 videos; in the memory of the kernel',
    };
    for (const kind of ['warm', 'cold', 'large'] as const) {
      const tree = trees[kind === 'large' ? 'large' : 'small'];
      const root = await product.root(tree);
      const prepare = () => {
        if (kind !== 'cold') execFileSync('grep', ['-rlm1', '^no such line$', tree], { stdio: 'ignore' });
        else if (!dropCaches()) throw new Error('The caches of the kernel cannot be dropped here.');
      };
      if (kind === 'cold' && !dropCaches()) {
        console.log('Not measured from the disk: only root may drop what the kernel keeps.\n');
        continue;
      }
      await measureTree(product, tree, {
        title: titles[kind],
        root,
        rounds,
        installed,
        prepare,
        isCold: kind === 'cold',
      });
    }
    console.log(`The worker had up to ${number(product.memory, 0)} MB of memory.\n`);
    await compareLinks(product, join(bench.directory, 'links'), installed);
  } finally {
    await product.stop();
    for (const tree of ['small', 'large']) rmSync(join(bench.directory, tree), { recursive: true, force: true });
  }
}

async function measureTree(
  product: Product,
  tree: string,
  of: { title: string; root: number; rounds: number; installed: Program[]; prepare: () => void; isCold: boolean },
): Promise<void> {
  const results = new Map<string, Measured[]>();
  const answers = new Map<string, string>();
  const add = (name: string, measured: Measured) => {
    results.set(name, [...(results.get(name) ?? []), measured]);
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      of.prepare();
    } catch (error) {
      // That of grep, which has found nothing.
      if ((error as { status?: number }).status !== 1) throw error;
    }
    await work();
  };
  const own = 'our scan, with its rows';
  const others = product.watchOthers();
  for (let n = 0; n < of.rounds; n += 1) {
    await product.forget();
    await attempt(async () => add(own, await product.scan(of.root)));
    answers.set(own, digest(await product.sets(tree), tree));
    if (!of.isCold) {
      // A scan right after files are made looks at their directories again.
      await attempt(async () => add('our scan again, nothing changed', await product.scan(of.root)));
      await attempt(async () => add('our threads alone, without rows', await timed(() => readAlone(tree))));
    }
    for (const peer of of.installed)
      await attempt(async () => {
        const { sets, ...measured } = await timed(() => peer.find(tree));
        add(peer.name, measured);
        answers.set(peer.name, digest(sets, tree));
      });
  }
  const seconds = new Map([...results].map(([name, some]) => [name, median(some.map((one) => one.seconds))]));
  const best = Math.min(...of.installed.map(({ name }) => seconds.get(name) as number));
  console.log(`### ${of.title}\n`);
  table(
    ['what', 'seconds', 'of the best other', 'least and most', 'CPU seconds', 'answer'],
    [...results].map(([name, some]) => {
      const all = some.map((one) => one.seconds);
      const cpu = median(some.map((one) => one.cpu));
      return [
        name,
        number(seconds.get(name) as number),
        number((seconds.get(name) as number) / best),
        `${number(Math.min(...all))} to ${number(Math.max(...all))}`,
        name === 'our threads alone, without rows' ? '' : number(cpu),
        answers.get(name) ?? '',
      ];
    }),
  );
  const different = [...answers].filter(([, answer]) => answer !== answers.get(own)).map(([name]) => name);
  console.log(
    `${different.length > 0 ? `Another answer than ours: ${different.join(', ')}.` : 'All have the same answer.'} ` +
      `Other work used ${number(100 * others(), 0)} % of the machine's CPU.\n`,
  );
}

/** What each says that hard links take. 300 kB can be saved. */
async function compareLinks(product: Product, tree: string, installed: Program[]): Promise<void> {
  makeLinks(tree);
  await product.forget();
  await product.scan(await product.root(tree));
  const rows = [['our scan', number((await product.saving()) / 1000, 0)]];
  for (const peer of installed) {
    const sizeOf = (path: string) => readFileSync(path).length;
    const sets = (await peer.find(tree)).filter(({ length }) => length > 1);
    const bytes = sets.reduce((sum, set) => sum + (set.length - 1) * sizeOf(set[0] as string), 0);
    rows.push([peer.name, number(bytes / 1000, 0)]);
  }
  console.log('### Hard links: of one file with two names and a copy, and one with two names, 300 kB can be saved\n');
  table(['what', 'kB'], rows);
}
