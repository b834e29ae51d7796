import { PipelineConfig, secretMask } from '@at/contracts/pipeline-config';
import { createStore } from '#state/store.ts';

/** What a user has changed in the form and not saved yet. */

type Schema = {
  type: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  'x-secret'?: true;
  'x-zone'?: true;
};
export type Field = { key: string; name: string; schema: Schema };
export type Section = { key: string; title: string; description: string; fields: Field[]; sections: Section[] };

const sectionOf = (key: string, { title = '', description = '', properties = {} }: Schema): Section => {
  const children = Object.entries(properties).map(([name, schema]) => ({ key: `${key}.${name}`, name, schema }));
  return {
    key,
    title,
    description,
    fields: children.filter(({ schema }) => !schema.properties),
    sections: children.flatMap((child) => (child.schema.properties ? [sectionOf(child.key, child.schema)] : [])),
  };
};

export const sections: readonly Section[] = Object.entries((PipelineConfig as unknown as Schema).properties ?? {}).map(
  ([key, schema]) => sectionOf(key, schema),
);

/** New values by key; null: the default. */
export type Draft = { readonly [key: string]: unknown };

/** It outlives the page, so that a look at another one costs nothing. */
export const draft = createStore<Draft>({});

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

export const isMask = (value: unknown) => value === secretMask;
