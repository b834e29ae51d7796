import { describe, expect, it } from 'vitest';
import { parseChangelog } from './changelog.ts';

describe('the changelog as blocks', () => {
  it('keeps headings with their level, lists and paragraphs in order', () => {
    expect(parseChangelog('# Changes\n\nWhat is new.\n\n## 2.0.0\n\n- One\n- Two\n')).toEqual([
      { kind: 'heading', level: 1, text: 'Changes' },
      { kind: 'paragraph', text: 'What is new.' },
      { kind: 'heading', level: 2, text: '2.0.0' },
      { kind: 'list', items: ['One', 'Two'] },
    ]);
  });

  it('joins lines that were wrapped', () => {
    expect(parseChangelog('A sentence\nin two lines.\n\n* An item\r\n  in two lines\n* Another')).toEqual([
      { kind: 'paragraph', text: 'A sentence in two lines.' },
      { kind: 'list', items: ['An item in two lines', 'Another'] },
    ]);
  });

  it('starts a paragraph after a list and a blank line, and a list right after a heading', () => {
    expect(parseChangelog('### Fixed\n- One\n\nAfter.')).toEqual([
      { kind: 'heading', level: 3, text: 'Fixed' },
      { kind: 'list', items: ['One'] },
      { kind: 'paragraph', text: 'After.' },
    ]);
  });

  it('keeps markup as text', () => {
    expect(parseChangelog('- <img src=x onerror=alert(1)>')).toEqual([
      { kind: 'list', items: ['<img src=x onerror=alert(1)>'] },
    ]);
  });

  it('returns nothing for an empty file', () => {
    expect(parseChangelog('')).toEqual([]);
  });
});
