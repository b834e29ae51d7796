/** A training's file with trees as XGBoost writes them: `get_dump(dump_format='dot')`, one text per tree. */

type Split = { feature: string; below: number } | { feature: string; categories: number[] };
type Sample = number | { split: Split; no: Sample; yes: Sample; missing?: 'no' | 'yes' };

type Numbered = { id: number; sample: Sample; sides: ['no' | 'yes', Numbered][] };

/** XGBoost numbers nodes level by level, and writes each with its two edges, then all that is left of it, then the rest. */
export function dumpDot(sample: Sample): string {
  const root: Numbered = { id: 0, sample, sides: [] };
  const all = [root];
  // The list grows while it is gone through.
  for (const node of all) {
    if (typeof node.sample === 'number') continue;
    for (const [answer, child] of sidesOf(node.sample)) {
      const numbered: Numbered = { id: all.length, sample: child, sides: [] };
      node.sides.push([answer, numbered]);
      all.push(numbered);
    }
  }
  const write = ({ id, sample, sides }: Numbered): string => {
    if (typeof sample === 'number') return `    ${id} [ label="leaf=${sample}" ]\n`;
    const { split, missing = 'yes' } = sample;
    const question = 'below' in split ? `${split.feature}<${split.below}` : `${split.feature}:{${split.categories}}`;
    const edges = sides.map(([answer, child]) =>
      answer === missing
        ? `    ${id} -> ${child.id} [label="${answer}, missing" color="#0000FF"]\n`
        : `    ${id} -> ${child.id} [label="${answer}" color="#FF0000"]\n`,
    );
    const below = sides.map(([, child]) => write(child)).join('\n');
    return `    ${id} [ label="${question}" ]\n${edges.join('')}\n${below}`;
  };
  return `digraph {\n    graph [ rankdir=TB ]\n\n${write(root)}}`;
}

/** The left branch first: yes for a threshold, no for categories. */
function sidesOf({ split, no, yes }: Exclude<Sample, number>): ['no' | 'yes', Sample][] {
  const sides: ['no' | 'yes', Sample][] = [
    ['yes', yes],
    ['no', no],
  ];
  return 'below' in split ? sides : sides.toReversed();
}

/** A tree that asks about votes, genres and years; each kind of branch occurs. */
export const realistic = dumpDot({
  split: { feature: 'imdb_votes', below: 15234.5 },
  missing: 'yes',
  yes: {
    split: { feature: 'genre', categories: [0, 1, 2, 3, 7, 9, 10] },
    missing: 'no',
    no: {
      split: { feature: 'metascore', below: 0.52352941 },
      no: 0.0108,
      yes: -0.00349999988,
    },
    yes: -0.0243379008,
  },
  no: {
    split: { feature: 'release_year', below: 1987.5 },
    missing: 'no',
    yes: { split: { feature: 'tmdb_rating', below: 6.75 }, no: 0.0171, yes: 0.000125 },
    no: { split: { feature: 'original_language', categories: [4, 5, 6] }, no: -0.00912, yes: 0.0312 },
  },
});

/** A full binary tree of so many levels of questions. */
export function fullTree(levels: number): string {
  const grow = (depth: number, path: number): Sample =>
    depth === levels
      ? ((path * 37) % 100) / 2000 - 0.025
      : {
          split: { feature: `feature_${(path * 7 + depth) % 40}`, below: path + 0.5 },
          yes: grow(depth + 1, path * 2),
          no: grow(depth + 1, path * 2 + 1),
        };
  return dumpDot(grow(0, 0));
}

export const trainingFile = (trees: string[] = [realistic, fullTree(3), fullTree(5)]) => ({
  metadata: { total_trees: 420, exported_trees: trees.length, feature_count: 12 },
  feature_importance: {
    runtime: 0.0412,
    imdb_votes: 0.2871,
    genre: 0.2034,
    release_year: 0.1377,
    metascore: 0.1121,
    original_language: 0.0862,
    tmdb_rating: 0.0731,
    budget: 0,
    rt_score: 0.0385,
    production_countries: 0.0207,
    tagline_length: 0,
  },
  trees,
});

export const measured = {
  true_positives: 812,
  false_positives: 118,
  true_negatives: 2306,
  false_negatives: 164,
  auc: 0.9312345,
  accuracy: 0.91706,
  precision: 0.8731,
  recall: 0.832,
  f1: 0.85205,
};
