import { PipelineConfig, secretMask } from '@at/contracts/pipeline-config';
import { Document, isMap, isScalar, LineCounter, parseDocument, visit, type YAMLMap } from 'yaml';
import { isTree, secretPaths, type Tree, valueAt } from './rules.ts';

/** The configuration as YAML, with the comments of its author. */

/** The text is not YAML, or not a mapping. The message quotes nothing of it, because it may hold a secret. */
export class UnreadableYaml extends Error {
  override name = 'UnreadableYaml';
}

const known: Partial<Record<string, string>> = {
  DUPLICATE_KEY: 'a key occurs twice',
  RESOURCE_EXHAUSTION: 'it is nested too deep',
};

function parse(text: string): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    const why = known[error.code] ?? error.code.toLowerCase().replaceAll('_', ' ');
    throw new UnreadableYaml(`The YAML cannot be read at line ${line}, column ${col}: ${why}.`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    const isEmpty = isScalar(document.contents) && document.contents.value === null;
    if (!isEmpty) throw new UnreadableYaml('The YAML must be a mapping of sections, such as paths: and batch:.');
    document.contents = null;
  }
  return document as Document;
}

/** Folds no lines: that would change comments. */
const print = (document: Document) => document.toString({ lineWidth: 0 });

/** Throws UnreadableYaml. */
export function readYaml(text: string): Tree {
  try {
    const read: unknown = parse(text).toJS() ?? {};
    return isTree(read) ? read : {};
  } catch (error) {
    if (error instanceof UnreadableYaml) throw error;
    throw new UnreadableYaml('The YAML uses its aliases too often.');
  }
}

/** The text as it is stored: without values of secrets, also in comments. */
export function withoutSecrets(text: string, written: readonly string[]): string {
  const document = parse(text);
  const read: unknown = document.toJS();
  const found = secretPaths.map((path) => valueAt(read, path)).filter((value) => value !== undefined && value !== '');
  for (const path of secretPaths) if (document.hasIn(path)) document.setIn(path, secretMask);
  const values = [...written, ...found.map(String)].filter((value) => value !== secretMask && value.length > 3);
  const clean = (comment: string | null | undefined) =>
    comment &&
    values
      .reduce((left, value) => left.replaceAll(value, secretMask), comment)
      .replace(/((?:key|token|password|secret)\w*\s*[:=]\s*)[^\s#]+/gi, `$1${secretMask}`);
  const cleanNode = (node: { comment?: string | null; commentBefore?: string | null }) => {
    if (node.comment) node.comment = clean(node.comment) ?? null;
    if (node.commentBefore) node.commentBefore = clean(node.commentBefore) ?? null;
  };
  cleanNode(document);
  visit(document, { Node: (_key, node) => cleanNode(node) });
  return print(document);
}

type Described = { description?: string; title?: string; properties?: Record<string, Described> };

/** Writes what each key means above it. */
function describe(map: YAMLMap, { properties = {} }: Described): void {
  for (const { key, value } of map.items) {
    const child = isScalar(key) ? properties[String(key.value)] : undefined;
    if (!child || !isScalar(key)) continue;
    const text = child.description ?? child.title;
    if (text) key.commentBefore = ` ${text}`;
    if (child.properties && map.items[0]?.key !== key) key.spaceBefore = true;
    if (isMap(value)) describe(value as YAMLMap, child);
  }
}

/** The whole configuration: in the text of its author if there is one, else with an explanation above each key. */
export function printYaml(config: PipelineConfig, text: string | null): string {
  const document: Document = text === null ? new Document(config) : parse(text);
  if (text === null) describe(document.contents as YAMLMap, PipelineConfig as Described);
  const written: unknown = document.toJS();
  const write = (tree: Tree, path: string[]) => {
    for (const [name, value] of Object.entries(tree)) {
      const at = [...path, name];
      if (isTree(value)) write(value, at);
      else if (JSON.stringify(valueAt(written, at)) !== JSON.stringify(value)) document.setIn(at, value);
    }
  };
  if (text !== null) write(config, []);
  return print(document);
}
