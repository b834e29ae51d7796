import { PipelineConfig } from '@at/contracts/pipeline-config';
import { createStore } from '#state/store.ts';
import { fieldTexts } from './field-texts.ts';

/** What a user has changed in the form and not saved yet. */

type Schema = {
  type: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  'x-secret'?: true;
  'x-zone'?: true;
};
/** What a section or a value is called. */
type Named = { key: string; label: string; help?: string; options?: Readonly<Record<string, string>> };
export type Field = Named & { schema: Schema };
export type Section = Named & { fields: Field[]; sections: Section[] };

/** A key without words of its own is shown by its name. */
const named = (key: string): Named => ({ key, ...(fieldTexts[key] ?? { label: key }) });

const sectionOf = (key: string, { properties = {} }: Schema): Section => {
  const children = Object.entries(properties).map(([name, schema]) => ({ ...named(`${key}.${name}`), schema }));
  return {
    ...named(key),
    fields: children.filter(({ schema }) => !schema.properties),
    sections: children.flatMap((child) => (child.schema.properties ? [sectionOf(child.key, child.schema)] : [])),
  };
};

export const sections: readonly Section[] = Object.entries((PipelineConfig as unknown as Schema).properties ?? {}).map(
  ([key, schema]) => sectionOf(key, schema),
);

/** New values by key; null: the default. */
export type Draft = { readonly [key: string]: unknown };

/** A draft, and the ETag of the version it was begun on: it is only saved over that one. null: no draft. */
type Begun<T> = { readonly etag: string; readonly content: T } | null;

/** They outlive the page, so that a visit to another page loses nothing. */
export const formDraft = createStore<Begun<Draft>>(null);
export const yamlDraft = createStore<Begun<string>>(null);

export const noValues: Draft = {};

/** Changes the draft of the form. A draft without values is removed. */
export function changeForm(etag: string, change: (before: Draft) => Draft): void {
  formDraft.set((before) => {
    const content = change(before?.content ?? noValues);
    return Object.keys(content).length === 0 ? null : { etag: before?.etag ?? etag, content };
  });
}

/** The number of a version. */
export const versionOf = (etag: string): number => Number(etag.replaceAll('"', ''));

export const valueAt = (tree: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], tree);

/** The draft with a value, or without it if that is what the configuration has. */
export function withValue(before: Draft, key: string, value: unknown, config: PipelineConfig): Draft {
  const { [key]: _, ...others } = before;
  return JSON.stringify(valueAt(config, key)) === JSON.stringify(value) ? others : { ...others, [key]: value };
}

/** The draft as a part of the configuration. */
export function partOf(values: Draft): Record<string, unknown> {
  const part: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(values)) {
    const names = key.split('.');
    const last = names.pop() as string;
    let tree = part;
    for (const name of names) {
      tree[name] ??= {};
      tree = tree[name] as Record<string, unknown>;
    }
    tree[last] = value;
  }
  return part;
}

/** The values of a part by key. */
export function keysOf(part: object, prefix = ''): [key: string, value: unknown][] {
  return Object.entries(part).flatMap(([name, value]): [string, unknown][] =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? keysOf(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, value]],
  );
}
