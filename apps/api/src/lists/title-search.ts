import { fold, foldTight } from '@at/contracts/fold';
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type ListInput, param } from './list-statements.ts';

/**
 * How titles are searched and sorted: by their words as `console.fold` writes them. The expressions are those of the indexes
 * in set atp-extras; without these they give the same rows, by reading all of them.
 */

type Text = RawBuilder<unknown>;

/** The words of a title without spaces, in which a search finds a part. */
export const tight = (title: Text) => sql`replace(console.fold(${title}), ' ', '')`;

/**
 * Whether a text may hold words: all that hold them, and few others. Folding costs twenty times as much, and a page of a
 * frequent word, or a list without an index, passes over thousands of texts. An ASCII text has the letters in their order.
 */
const mayHold = (text: Text, words: Text) =>
  sql`(octet_length(${text}) <> char_length(${text})
    or lower(${text} collate "C") like '%' || regexp_replace(${tight(words)}, '(.)', '\\1%', 'g'))`;

/** Signs that count where a search has them: "100%" is not found in "100 Wolves". */
const signs = ['$', '%', '\\'] as const;

/** Whether a text has the words of a person in it, however they are typed; words without letters and digits as they are. */
export function holdsWords(text: Text, words: Text): RawBuilder<SqlBool> {
  const hasSigns = signs.map((sign) => {
    const literal = sql.lit(sign);
    return sql`(position(${literal} in ${words}) = 0 or position(${literal} in ${text}) > 0)`;
  });
  return sql<SqlBool>`case when ${tight(words)} = '' then position(lower(btrim(${words})) in lower(${text})) > 0
    else ${mayHold(text, words)} and position(${tight(words)} in ${tight(text)}) > 0 and ${sql.join(hasSigns, sql` and `)} end`;
}

/** Bytes of a file system as text; what is not UTF-8 with its bytes escaped. */
export const textOfBytes = (bytes: Text) =>
  sql`case when position('\\' in encode(${bytes}, 'escape')) = 0 then encode(${bytes}, 'escape') else console.text_of(${bytes}) end`;

/** The words of a title as a sort key: the first 200 characters of them, as an entry of an index takes 2,700 bytes at most. */
export const titleKey = (title: Text) => sql`left(console.fold(${title}), 200) collate "C"`;

/** `%`, `_` and the backslash as themselves in a LIKE pattern. */
const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/**
 * `part` of the words. The trigrams of an index need three letters: fewer are the `start` of the words. But a Chinese or
 * Japanese word can be one `letter`, found anywhere in the titles that have such letters. A text without letters and digits
 * is searched as it is: `literal`.
 */
export type TitleSearch = { by: 'start' | 'part' | 'letter' | 'literal'; hasSigns: boolean };

export function titleSearch(q: string): TitleSearch {
  const letters = [...foldTight(q)];
  const isWide = letters.some((letter) => letter >= '\u2e80');
  const by = letters.length === 0 ? 'literal' : letters.length > 2 ? 'part' : isWide ? 'letter' : 'start';
  return { by, hasSigns: by !== 'literal' && signs.some((sign) => q.includes(sign)) };
}

type Query = { q?: string; title?: string; media_title?: string };
const value = <Value>(read: (query: Query) => Value) =>
  sql`${param(({ query }: ListInput<Query>) => read(query))}::text`;

const q = value((query) => query.q);

/** Whether a title matches the parameter `q`. */
export function matchesSearch(title: Text, { by, hasSigns }: TitleSearch): RawBuilder<SqlBool> {
  const found = {
    start: () => {
      const key = titleKey(title);
      // The second letter may begin the second word.
      return sql<SqlBool>`(${key} like ${tight(q)} || '%'
        or ${key} like left(${tight(q)}, 1) || ' ' || substr(${tight(q)}, 2) || '%')`;
    },
    part: () => sql<SqlBool>`(${mayHold(title, q)} and ${tight(title)} like '%' || ${tight(q)} || '%')`,
    letter: () => sql<SqlBool>`(${title} ~ '[^\\u0001-\\u2e7f]' and ${tight(title)} like '%' || ${tight(q)} || '%')`,
    literal: () => sql<SqlBool>`${title} ilike ${value((query) => `%${literal(query.q?.trim() ?? '')}%`)}`,
  }[by]();
  if (!hasSigns) return found;
  const patterns = param(({ query }: ListInput<Query>) =>
    signs.filter((sign) => query.q?.includes(sign)).map((sign) => `%${literal(sign)}%`),
  );
  return sql<SqlBool>`(${found} and ${title} like all(${patterns}::text[]))`;
}

/**
 * Whether a title is the parameter `title`, by its words. A text without words is the same characters: "!" is neither "?" nor
 * every other title without words.
 */
export function isTitle(title: Text): RawBuilder<SqlBool> {
  const text = value((query) => query.title);
  const key = titleKey(text);
  return sql<SqlBool>`(${titleKey(title)} = ${key} and (${key} <> '' or ${title} = btrim(${text})))`;
}

/** Letters of rare alphabets, of which `console.fold` does not know the capital or small form. */
const lettersOfUnknownCase = (text = '') =>
  [...text]
    .filter((letter) => fold(letter.toLowerCase()) !== fold(letter.toUpperCase()))
    .map(fold)
    .join('');

/**
 * Whether a title has the parameter `media_title` in it, in any case; the words are compared too, for their index. There a
 * letter with an unknown case stands for any letter.
 */
export function holdsText(title: Text): RawBuilder<SqlBool> {
  const text = value((query) => query.media_title);
  const unknown = value((query) => lettersOfUnknownCase(query.media_title));
  const words = sql`translate(${tight(text)}, ${unknown}, repeat('_', length(${unknown})))`;
  const pattern = value(({ media_title = '' }) => `%${literal(media_title)}%`);
  return sql<SqlBool>`(${title} ilike ${pattern} and ${tight(title)} like '%' || ${words} || '%')`;
}
