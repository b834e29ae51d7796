import { describe, expect, it } from 'vitest';
import { condenseSet, formatLeaf, mostCharacters, mostNodes, readTree, stepOf, TreeFault } from './decision-tree.ts';

/** A dump of XGBoost: the default branch is blue for either answer, and categories have no on the left. */
const dump = `digraph {
    graph [ rankdir=TB ]

    0 [ label="imdb_votes<15234.5" ]
    0 -> 1 [label="yes, missing" color="#0000FF"]
    0 -> 2 [label="no" color="#FF0000"]

    1 [ label="leaf=-0.0243379008" ]

    2 [ label="genre:{0,1,2,3,7,9,10}" ]
    2 -> 3 [label="no, missing" color="#0000FF"]
    2 -> 4 [label="yes" color="#FF0000"]

    3 [ label="leaf=0.00125" ]

    4 [ label="leaf=1e-05" ]
}`;

const faultOf = (source: string): string => {
  try {
    readTree(source);
  } catch (error) {
    if (error instanceof TreeFault) return error.message;
    throw error;
  }
  return 'none';
};

describe('a tree as XGBoost dumps it', () => {
  it('is read with its questions, answers and leaves', () => {
    const { root, nodes, leaves, depth } = readTree(dump);
    expect([nodes.length, leaves, depth]).toEqual([5, 3, 2]);
    expect(nodes.map(({ id, text, value }) => [id, text, value])).toEqual([
      ['0', 'IMDb votes < 15,234.5', null],
      ['2', 'genre in {0-3,7,9-10}', null],
      ['3', '1.3E-3', 0.00125],
      ['4', '0.0E-3', 0.00001],
      ['1', '-24.3E-3', -0.0243379008],
    ]);
    expect(root.full).toBe('imdb_votes<15234.5');
  });

  it('asks with the names and in the units of the other pages', () => {
    const questions = ['imdb_rating<65.5', 'release_year<1995.5', 'budget<12345678', 'runtime<106.5', 'genre_drama<1'];
    const textOf = (label: string) => readTree(`digraph { 0 [ label="${label}" ] }`).root.text;
    expect(questions.map(textOf)).toEqual([
      'IMDb rating < 6.55',
      'release year < 1995.5',
      'budget < $12,345,700',
      'runtime < 106.5 min',
      'genre drama < 1',
    ]);
  });

  it('has no on the left and yes on the right, and the branch of titles without the value', () => {
    const { root } = readTree(dump);
    expect(root.branches.map(({ answer, missing, node }) => [answer, missing, node.id])).toEqual([
      ['no', false, '2'],
      ['yes', true, '1'],
    ]);
    expect(root.branches[0]?.node.branches.map(({ answer, missing, node }) => [answer, missing, node.id])).toEqual([
      ['no', true, '3'],
      ['yes', false, '4'],
    ]);
  });

  it('may be a single leaf', () => {
    const { root, leaves, depth } = readTree('digraph {\n    graph [ rankdir=TB ]\n\n    0 [ label="leaf=0.5" ]\n}');
    expect([root.value, root.text, leaves, depth]).toEqual([0.5, '0.500', 1, 0]);
  });

  it('may have statistics, styles, indicators, and leaves of several values', () => {
    const { nodes } = readTree(`digraph {
      0 [ label="rated<0.5\\ngain=12.5\\ncover=80" shape="box" style="filled" ]
      0 -> 1 [label="yes" color="#0000FF"]  0 -> 2 [label="no, missing"]
      1 [ label="is_sequel" ]  1 -> 3 [label="yes"]  1 -> 4 [label="no"]
      2 [ label="leaf=[0.1, -0.2]" ]  3 [ label="leaf=-1" ]  4 [ label="leaf=nan" ] }`);
    const texts = new Map(nodes.map((node) => [node.id, [node.text, node.value, node.full]]));
    expect(texts.get('0')).toEqual(['rated < 0.5', null, 'rated<0.5\ngain=12.5\ncover=80']);
    expect(texts.get('1')).toEqual(['is_sequel', null, 'is_sequel']);
    expect(texts.get('2')).toEqual(['[0.1, -0.2]', null, 'leaf=[0.1, -0.2]']);
    expect(texts.get('3')).toEqual(['-1.000', -1, 'leaf=-1']);
    expect(texts.get('4')).toEqual(['nan', null, 'leaf=nan']);
  });

  it('keeps feature names that look like syntax', () => {
    const { nodes } = readTree(
      'digraph { 0 [ label="a<b:{1}<3" ] 0 -> 1 [label="yes"] 0 -> 2 [label="no"] 1 [ label="x:y:{5}" ] 2 [ label="<script>alert(1)</script>" ] }',
    );
    expect(nodes.map(({ text }) => text)).toEqual(['a<b:{1} < 3', '<script>alert(1)</script>', 'x:y in {5}']);
  });
});

describe('a source that cannot be drawn', () => {
  it.each([
    ['text without an end', 'digraph {\n 0 [label="a ]\n}', /not DOT: line 2, column \d+: Expected/],
    ['nothing at all', '', /not DOT/],
    ['another language', '<svg onload=alert(1)>', /not DOT/],
    ['a graph without directions', 'graph { 0 -- 1 }', /undirected/],
    ['no node', 'digraph { graph [ rankdir=TB ] }', /no nodes/],
    ['two roots', 'digraph { 0 -> 1 2 -> 3 }', /2 roots, such as nodes 0 and 2/],
    ['a node with two ways to it', 'digraph { 0 -> 1 0 -> 2 1 -> 3 2 -> 3 }', /Two branches lead to node 3/],
    ['a circle', 'digraph { 0 -> 1 1 -> 0 }', /cycle/],
    ['a circle beside the tree', 'digraph { 0 [label="leaf=1"] 1 -> 2 2 -> 1 }', /cycle/],
    ['a way to itself', 'digraph { 0 -> 0 }', /cycle/],
    ['a subgraph', 'digraph { subgraph { 0 -> 1 } }', /groups/],
    ['an edge to many', 'digraph { 0 -> {1 2} }', /groups/],
    ['groups without end', `digraph{${'subgraph{'.repeat(5_000)}${'}'.repeat(5_001)}`, /too deep/],
    ['too many nodes', `digraph{${Array.from({ length: mostNodes + 1 }, (_, id) => id).join(';')}}`, /5001 nodes/],
    ['too long a text', `digraph{ 0 [label="${'x'.repeat(mostCharacters)}"] }`, /characters, more than/],
  ])('%s', (_name, source, expected) => {
    expect(faultOf(source)).toMatch(expected);
  });

  it('a chain of the most nodes is read', () => {
    const edges = Array.from({ length: mostNodes - 1 }, (_, id) => `${id}->${id + 1}`).join(';');
    expect(readTree(`digraph{${edges}}`).depth).toBe(mostNodes - 1);
  });
});

describe('sets of categories', () => {
  it.each([
    ['{0,1,2,3}', '{0-3}'],
    ['{0, 1, 2, 5, 7, 8}', '{0-2,5,7-8}'],
    ['{5,3,4,4}', '{3-5}'],
    ['{7}', '{7}'],
    ['{}', '{}'],
    ['{a,b}', '{a,b}'],
    ['{1,,2}', '{1,,2}'],
    ['{12345678901}', '{12345678901}'],
  ])('%s is %s', (set, condensed) => {
    expect(condenseSet(set)).toBe(condensed);
  });
});

describe('leaves', () => {
  it.each([
    [-0.5, -3],
    [-0.025, -3],
    [-0.0209, -3],
    [-0.02, -2],
    [-0.008, -1],
    [-0.004, 0],
    [0, 0],
    [0.004, 0],
    [0.0042, 1],
    [0.0166, 2],
    [0.021, 3],
    [9, 3],
  ])('of %d have the colour of step %d', (value, step) => {
    expect(stepOf(value)).toBe(step);
  });

  it('are in thousandths, always with the same exponent', () => {
    expect([0.0125, -0.0243379008, 0, 0.025].map(formatLeaf)).toEqual(['12.5E-3', '-24.3E-3', '0.0E-3', '25.0E-3']);
    // Beyond the scale.
    expect([0.1359, -0.136, 1.5].map(formatLeaf)).toEqual(['0.136', '-0.136', '1.500']);
  });
});
