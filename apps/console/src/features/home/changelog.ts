import text from '../../../../../CHANGELOG.md?raw';

/** Parses the repository's changelog into blocks of plain text. */

export type Block =
  | { kind: 'heading'; level: number; text: string }
  | { kind: 'paragraph'; text: string }
  | { kind: 'list'; items: string[] };

/** Reads headings, lists (one level) and paragraphs; any other line continues the previous one. */
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
