import { type Bench, get, query, startServer } from './measure.ts';
import { number, table } from './table.ts';

// The pages of the file pipeline with a large collection. The rows are made by SQL.

/** A fifth of the files are duplicates, and there are few errors, which were found first. */
async function fillFiles(database: string, files: number): Promise<void> {
  const directory = '(SELECT min(id) FROM console.file_directory WHERE parent_id IS NOT NULL)';
  await query(
    database,
    `
    INSERT INTO console.file_root (name, path, marker, marker_inode) VALUES ('a', '/a', gen_random_uuid(), 1);
    INSERT INTO console.file_directory (root_id, name) SELECT id, '' FROM console.file_root;
    INSERT INTO console.file_directory (root_id, parent_id, name)
    SELECT root_id, id, convert_to('folder ' || n, 'UTF8') FROM console.file_directory, generate_series(0, ${files / 100}) n;
    INSERT INTO console.file (directory_id, name, size, mtime_ns, ctime_ns, inode, kind, sha256, status, error)
    SELECT ${directory} + n / 100, convert_to('IMG_' || n || '.jpg', 'UTF8'), n % 50000 + 1, n, n, n,
      CASE n % 10 WHEN 0 THEN 'video' ELSE 'photo' END, sha256(convert_to(n::text, 'UTF8')),
      CASE WHEN n < 30 THEN 'ERROR' WHEN n % 3 = 0 THEN 'UNIQUE' ELSE 'SORTED' END, CASE WHEN n < 30 THEN 'no' END
    FROM generate_series(0, ${files} - 1) n;
    UPDATE console.file f SET status = 'DUPLICATE', duplicate_of = k.id
    FROM console.file k WHERE f.inode > 100 AND f.inode % 5 = 0 AND k.inode = f.inode - f.inode % 10 + 1;
    `,
  );
  await query(database, 'VACUUM (ANALYZE) console.file');
  await query(database, 'ANALYZE console.file_directory, console.file_root, console.duplicate_set');
}

/** Several addresses are asked in turn. */
const requestsOf = (files: number): Record<string, string[]> => {
  const numbers = Array.from({ length: 50 }, (_, i) => 1 + ((7_919 * i) % (files - 1)));
  return {
    'files, latest first': ['/api/files?count=estimated'],
    'files, latest first, with their exact number': ['/api/files'],
    'files, with an error': ['/api/files?status=ERROR'],
    'files, unique, largest first': ['/api/files?status=UNIQUE&sort_by=size&count=estimated'],
    'files, videos': ['/api/files?kind=video&count=estimated'],
    'files, a name': numbers.map((n) => `/api/files?search=IMG_${n}&count=estimated`),
    'files, a part of a name that no file has': numbers.map((n) => `/api/files?search=DSC_${n}&count=estimated`),
    'a file and its history': numbers.map((n) => `/api/files/${n}/history`),
    'duplicates, largest saving first': ['/api/duplicates'],
    'duplicates, most files first': ['/api/duplicates?sort_by=files'],
    'duplicates of videos': ['/api/duplicates?kind=video'],
    'duplicates, a name': numbers.map((n) => `/api/duplicates?search=IMG_${n}`),
    batches: ['/api/batches'],
    'files by status and folder, of Files': ['/api/dashboard'],
  };
};

/** Prints how long each takes for one user. */
export async function measureFilePages(bench: Bench, database: string, files: number, seconds: number): Promise<void> {
  await fillFiles(database, files);
  const server = await startServer(bench, database, 'fast');
  const others = bench.watchOthers();
  const rows: string[][] = [];
  for (const [name, paths] of Object.entries(requestsOf(files))) {
    const requests = paths.map(get);
    await server.load(requests, 1, seconds / 2);
    const { p50, p95, postgresCpu } = await server.load(requests, 1, seconds);
    rows.push([name, number(p50, 1), number(p95, 1), number(postgresCpu, 1)]);
  }
  await server.stop();
  console.log(`### Pages with ${number(files, 0)} files, one user\n`);
  table(['page', 'p50 ms', 'p95 ms', 'PostgreSQL CPU ms'], rows);
  console.log(`Other work used ${number(100 * others(), 0)} % of the machine's CPU.\n`);
}
