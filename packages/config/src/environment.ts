import { type Static, type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import { booleanFromWord } from './boolean-from-word.ts';

/** Reading the variables of a program: all are text, and the type of a property defines how it is read. */

export const Port = (description: string, fallback?: number) =>
  Type.Optional(Type.Integer({ minimum: 1, maximum: 65535, description, ...(fallback ? { default: fallback } : {}) }));
export const Word = (description: string, fallback?: string) =>
  Type.Optional(Type.String({ description, ...(fallback === undefined ? {} : { default: fallback }) }));

/** The environment cannot be used; the message names the variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/**
 * The value for a message: of a URL its scheme and host, of other text what comes before a sign that a password may follow.
 * A path is shown, unless it follows the name of a host, as in a URL without its scheme.
 */
export function shown(text: string): string {
  const path = /^\.{0,2}\/[^?#;=&%:\\]*/;
  const word = /^(?:[a-z][\w+.-]*:\/\/)?[\w.-]*(?::\d{1,5})?(?:\/\d{1,3}|%)?/i;
  const scheme = /^(?:[a-z][\w+.-]*:\/\/)?/i;
  const [part = ''] = (text.includes('@') ? scheme : path.test(text) ? path : word).exec(text) ?? [];
  return JSON.stringify(part === text ? text : `${part}...`);
}

function read(schema: TSchema & { type?: string; enum?: string[] }, text: string): unknown {
  if (schema.type === 'boolean') return booleanFromWord(text) ?? text;
  if (schema.type === 'integer' || schema.type === 'number') return text.trim() === '' ? text : Number(text);
  if (schema.enum) return schema.enum.find((word) => word.toLowerCase() === text.trim().toLowerCase()) ?? text;
  return text;
}

/**
 * The values of the variables that `schema` names. An empty variable counts as not set. Throws ConfigError with one sentence
 * that names the variable, what it may be and what was found (never a secret).
 */
export function readVariables<T extends TObject>(
  schema: T,
  environment: Record<string, string | undefined>,
): Static<T> {
  const values: Record<string, unknown> = {};
  for (const [name, variable] of Object.entries(schema.properties)) {
    const text = environment[name];
    const { default: fallback, description } = variable as { default?: unknown; description?: string };
    if (text === undefined || text.trim() === '') {
      if (fallback !== undefined) values[name] = fallback;
      continue;
    }
    values[name] = read(variable, text);
    if (!Value.Check(variable, values[name])) {
      throw new ConfigError(`${name} is ${shown(text)}, which cannot be used. It is: ${description}.`);
    }
  }
  return values as Static<T>;
}
