import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * What a caller may rely on in one OpenAPI document and no longer in another: one sentence each, and exit code 1.
 *
 *   node apps/api/src/http/openapi-changes.ts <before.json> <after.json>
 *
 * What is sent may become wider and what is answered narrower, not the other way round. New words of an enumeration in a
 * reply are no break here: the guide's vocabularies grow. It reads what our own generator writes, not all of OpenAPI.
 */

type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  patternProperties?: Record<string, Schema>;
  items?: Schema;
  pattern?: string;
  [bound: string]: unknown;
};
type Content = Record<string, { schema?: Schema }>;
type Parameter = { name: string; in: string; required?: boolean; schema?: Schema };
type Operation = {
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, { content?: Content }>;
  'x-least-role'?: string;
};
export type Document = {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

/** A schema and the document in which its references lead somewhere. */
type Placed = { schema: Schema; document: Document };

/** Whether callers send values of a schema, or read them. */
type Direction = 'sent' | 'answered';

function resolve({ schema, document }: Placed): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : resolve({ schema: document.components?.schemas?.[name] ?? {}, document });
}

/** A union as its parts; anything else as the one part it is. */
function alternatives({ schema, document }: Placed): Placed[] {
  const plain = resolve({ schema, document });
  const parts = plain.anyOf ?? plain.oneOf;
  if (parts) return parts.flatMap((part) => alternatives({ schema: part, document }));
  if (Array.isArray(plain.type)) return plain.type.map((type) => ({ schema: { ...plain, type }, document }));
  return [{ schema: plain, document }];
}

/** Undefined: of any type. */
function typeOf({ type, enum: words, const: only, properties }: Schema): string | undefined {
  if (typeof type === 'string') return type;
  const value = only ?? words?.[0];
  if (value !== undefined) return value === null ? 'null' : typeof value;
  return properties ? 'object' : undefined;
}

/** Every value of type `narrow` is one of type `wide`. */
function fits(narrow: string | undefined, wide: string | undefined): boolean {
  return wide === undefined || narrow === wide || (narrow === 'integer' && wide === 'number');
}

const bounds = {
  minimum: 'low',
  exclusiveMinimum: 'low',
  minLength: 'low',
  minItems: 'low',
  minProperties: 'low',
  maximum: 'high',
  exclusiveMaximum: 'high',
  maxLength: 'high',
  maxItems: 'high',
  maxProperties: 'high',
} as const;

function narrowedValues(before: Schema, after: Schema, where: string): string[] {
  const found: string[] = [];
  const words = (schema: Schema) => schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  const allowed = words(after);
  if (allowed) {
    const gone = words(before)?.filter((word) => !allowed.includes(word));
    if (!gone) found.push(`${where} takes some words only`);
    else if (gone.length > 0) found.push(`${where} no longer takes ${gone.join(', ')}`);
  }
  for (const [name, end] of Object.entries(bounds)) {
    const [was, is] = [before[name], after[name]] as [number | undefined, number | undefined];
    if (is === undefined) continue;
    const isNarrower = was === undefined || (end === 'low' ? is > was : is < was);
    if (isNarrower)
      found.push(`${where} has the ${name} ${is}, ${was === undefined ? 'where it had none' : `not ${was}`}`);
  }
  if (after.pattern !== undefined && after.pattern !== before.pattern) {
    found.push(`${where} has another pattern, ${after.pattern}`);
  }
  return found;
}

class Comparison {
  /** Pairs of references that are being compared further up; a schema may hold itself. */
  readonly #open = new Set<string>();

  schemas(before: Placed, after: Placed, direction: Direction, where: string): string[] {
    const pair = `${direction} ${before.schema.$ref} ${after.schema.$ref}`;
    const isNamed = before.schema.$ref !== undefined && after.schema.$ref !== undefined;
    if (isNamed && this.#open.has(pair)) return [];
    if (isNamed) this.#open.add(pair);
    const [olds, news] = [alternatives(before), alternatives(after)];
    // Everything that one side may send, the other must accept.
    const [said, understood] = direction === 'sent' ? [olds, news] : [news, olds];
    const found = said.flatMap((one) => {
      const type = typeOf(one.schema);
      const candidates = understood.filter(({ schema }) => fits(type, typeOf(schema)));
      if (candidates.length === 0) {
        const name = type ?? 'a value of any type';
        return [direction === 'sent' ? `${where} no longer takes ${name}` : `${where} may be ${name}`];
      }
      const compared = candidates.map((other) =>
        direction === 'sent' ? this.#parts(one, other, direction, where) : this.#parts(other, one, direction, where),
      );
      return compared.toSorted((left, right) => left.length - right.length)[0] ?? [];
    });
    if (isNamed) this.#open.delete(pair);
    return found;
  }

  /** Two schemas that are no unions, of types that fit. */
  #parts(before: Placed, after: Placed, direction: Direction, where: string): string[] {
    const [old, now] = [before.schema, after.schema];
    const found = direction === 'sent' ? narrowedValues(old, now, where) : [];
    const inner = (was: Schema, is: Schema, name: string) =>
      this.schemas(
        { schema: was, document: before.document },
        { schema: is, document: after.document },
        direction,
        `${where}${name}`,
      );
    if (old.items && now.items) found.push(...inner(old.items, now.items, '/*'));
    for (const kind of ['additionalProperties', 'patternProperties'] as const) {
      const [was, is] = [old[kind], now[kind]].map((part) =>
        kind === 'patternProperties' && part ? (Object.values(part)[0] as Schema) : part,
      );
      if (typeof was === 'object' && typeof is === 'object') found.push(...inner(was, is, '/*'));
    }
    const [wasRequired, isRequired] = [new Set(old.required), new Set(now.required)];
    for (const [name, was] of Object.entries(old.properties ?? {})) {
      const is = now.properties?.[name];
      if (is) found.push(...inner(was, is, `/${name}`));
      else if (direction === 'answered') found.push(`${where}/${name} is gone`);
      else if (now.additionalProperties === false) found.push(`${where}/${name} is no longer known`);
      if (is && direction === 'answered' && wasRequired.has(name) && !isRequired.has(name)) {
        found.push(`${where}/${name} may be absent`);
      }
    }
    if (direction === 'sent') {
      for (const name of isRequired) if (!wasRequired.has(name)) found.push(`${where}/${name} is required`);
    }
    return found;
  }

  content(before: Content, after: Content, documents: [Document, Document], direction: Direction, where: string) {
    return Object.entries(before).flatMap(([kind, { schema: was = {} }]) => {
      const is = after[kind];
      if (!is) return [`${where} is no longer ${kind}`];
      return this.schemas(
        { schema: was, document: documents[0] },
        { schema: is.schema ?? {}, document: documents[1] },
        direction,
        where,
      );
    });
  }

  operations(old: Operation, now: Operation, documents: [Document, Document]): string[] {
    const found: string[] = [];
    const same = (one: Parameter) => (other: Parameter) => one.name === other.name && one.in === other.in;
    for (const was of old.parameters ?? []) {
      const where = `the ${was.in} parameter ${was.name}`;
      const is = now.parameters?.find(same(was));
      if (!is) {
        found.push(`${where} is gone`);
        continue;
      }
      found.push(...this.content({ value: was }, { value: is }, documents, 'sent', where));
    }
    for (const is of now.parameters ?? []) {
      const was = old.parameters?.find(same(is));
      if (is.required && !was?.required) found.push(`the ${is.in} parameter ${is.name} is required`);
    }
    if (now.requestBody) {
      if (now.requestBody.required && !old.requestBody?.required) found.push('a body is required');
      if (old.requestBody) {
        found.push(...this.content(old.requestBody.content, now.requestBody.content, documents, 'sent', 'the body'));
      }
    }
    for (const [status, { content: was = {} }] of Object.entries(old.responses)) {
      const is = now.responses[status];
      if (!is) found.push(`the status ${status} is gone`);
      else found.push(...this.content(was, is.content ?? {}, documents, 'answered', `the reply ${status}`));
    }
    const roles = ['public', 'viewer', 'operator', 'admin'];
    const [hadRole, hasRole] = [old['x-least-role'], now['x-least-role']];
    if (hadRole && hasRole && roles.indexOf(hasRole) > roles.indexOf(hadRole)) {
      found.push(`it needs the role ${hasRole}, not ${hadRole}`);
    }
    return found;
  }
}

/** What callers of `before` would stumble over in `after`, a sentence each; empty when they notice nothing. */
export function breakingChanges(before: Document, after: Document): string[] {
  const comparison = new Comparison();
  // The API answers with a slash at the end and without, so both spell one path.
  const bare = (path: string) => path.replace(/\/$/, '');
  const kept = new Map(Object.entries(after.paths).map(([path, methods]) => [bare(path), methods]));
  return Object.entries(before.paths).flatMap(([path, methods]) => {
    const now = kept.get(bare(path));
    if (!now) return [`${path} is gone.`];
    return Object.entries(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const is = now[method];
      if (!is) return [`${name} is gone.`];
      const found = comparison.operations(operation, is, [before, after]);
      return [...new Set(found)].map((sentence) => `${name}: ${sentence}.`);
    });
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [before, after] = process.argv.slice(2);
  if (before === undefined || after === undefined) {
    console.error('Usage: node apps/api/src/http/openapi-changes.ts <before.json> <after.json>');
    process.exit(2);
  }
  const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Document;
  const found = breakingChanges(read(before), read(after));
  for (const sentence of found) console.error(sentence);
  if (found.length === 0) console.log('Callers go on as before.');
  process.exitCode = found.length === 0 ? 0 : 1;
}
