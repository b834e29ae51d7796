import { describe, expect, it } from 'vitest';
import { readTree } from './decision-tree.ts';
import { layOut, nodeHeight, plateHeight, shorten } from './tree-layout.ts';

/** A full tree of this many levels, with labels of different lengths. */
function fullTree(levels: number): string {
  const lines: string[] = [];
  const count = 2 ** levels - 1;
  for (let id = 0; id < count; id += 1) {
    lines.push(`${id} [label="${'feature_'.repeat(1 + (id % 4))}<${id}"]`);
    lines.push(`${id} -> ${2 * id + 1} [label="yes"]`, `${id} -> ${2 * id + 2} [label="no, missing"]`);
  }
  for (let id = count; id < 2 * count + 1; id += 1) lines.push(`${id} [label="leaf=0.01"]`);
  return `digraph { ${lines.join('\n')} }`;
}

describe('the layout of a tree', () => {
  const layout = layOut(readTree(fullTree(6)));

  it('lets no two nodes of a level overlap at any width', () => {
    const levels = Map.groupBy(layout.nodes, ({ y }) => y);
    expect(levels.size).toBe(7);
    for (const level of levels.values()) {
      const sorted = level.toSorted((left, right) => left.x - right.x);
      for (const [index, node] of sorted.slice(1).entries()) {
        const before = sorted[index] as (typeof sorted)[number];
        expect(node.x - node.width / 2).toBeGreaterThan(before.x + before.width / 2);
      }
    }
  });

  it('holds every node within the drawing, with the root on top', () => {
    for (const { x, y, width } of layout.nodes) {
      expect(x - width / 2).toBeGreaterThan(0);
      expect(x + width / 2).toBeLessThan(layout.width);
      expect(y - nodeHeight / 2).toBeGreaterThan(0);
      expect(y + nodeHeight / 2).toBeLessThan(layout.height);
    }
    expect(layout.root.y).toBe(Math.min(...layout.nodes.map(({ y }) => y)));
    expect(layout.lines).toHaveLength(layout.nodes.length - 1);
  });

  it('keeps the texts of branches apart from each other and from the nodes', () => {
    for (const level of Map.groupBy(layout.lines, ({ plate }) => plate.y).values()) {
      const sorted = level.map(({ plate }) => plate).toSorted((left, right) => left.x - right.x);
      for (const [index, plate] of sorted.slice(1).entries()) {
        const before = sorted[index] as typeof plate;
        expect(plate.x - plate.width / 2).toBeGreaterThanOrEqual(before.x + before.width / 2);
      }
    }
    for (const { plate, from, to } of layout.lines) {
      expect(plate.y - plateHeight / 2).toBeGreaterThan(from.y + nodeHeight / 2);
      expect(plate.y + plateHeight / 2).toBeLessThan(to.y - nodeHeight / 2);
    }
    expect(new Set(layout.lines.map(({ text }) => text))).toEqual(new Set(['yes', 'no, null']));
  });

  it('draws no to the left of yes', () => {
    for (const { branch, from, to } of layout.lines) {
      if (branch.answer === 'no') expect(to.x).toBeLessThan(from.x);
      else expect(to.x).toBeGreaterThan(from.x);
    }
  });

  it('cuts long labels between grapheme clusters', () => {
    const family = '👩‍👩‍👧';
    expect(shorten(family.repeat(100))).toBe(`${family.repeat(33)}…`);
    expect(shorten('short')).toBe('short');
    expect(shorten('x'.repeat(1_000_000))).toHaveLength(34);
  });
});
