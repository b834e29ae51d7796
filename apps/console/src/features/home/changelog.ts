import text from '../../../../../CHANGELOG.md?raw';

/** The repository's changelog as blocks of plain text; only the page knows about elements. */

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] };

/** Reads headings, lists (one level) and paragraphs; a line that is none of these goes on with the one before it. */
export function parseChangelog(markdown: string): Block[] {
  const blocks: Block[] = [];
  let after: 'blank' | 'text' = 'blank';
  for (const line of markdown.split(/\r?\n/)) {
    const [, hashes, heading] = /^(#{1,6})\s+(.+?)\s*#*$/.exec(line) ?? [];
    const [, item] = /^\s*[-*+]\s+(.+)$/.exec(line) ?? [];
    const last = blocks.at(-1);
    const rest = line.trim();
    if (hashes && heading) blocks.push({ kind: 'heading', level: hashes.length, text: heading });
    else if (item) {
      if (last?.kind === 'list') last.items.push(item);
      else blocks.push({ kind: 'list', items: [item] });
    } else if (rest !== '') {
      if (after === 'text' && last?.kind === 'list') last.items.push(`${last.items.pop()} ${rest}`);
      else if (after === 'text' && last?.kind === 'paragraph') last.text += ` ${rest}`;
      else blocks.push({ kind: 'paragraph', text: rest });
    }
    after = rest === '' || hashes ? 'blank' : 'text';
  }
  return blocks;
}

export const changelog = parseChangelog(text);
