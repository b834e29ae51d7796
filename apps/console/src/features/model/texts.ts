import { plural } from '#ui/plural.ts';

type Place = { line: number; column: number } | undefined;

/** The words of the page Model. Numbers and moments come in as they are to be shown, but for those of faults. */
export const modelTexts = {
  tryAgain: 'Try again',
  request: 'Request',

  notConnected: {
    title: 'Not connected to MLflow',
    text: 'This page shows what MLflow keeps of the latest training. Give the API these variables and start it anew.',
    caption: 'Settings of MLflow',
    variable: 'Variable',
    meaning: 'What it is',
    settings: [
      ['CENTER_CONSOLE_MLFLOW_HOST', "MLflow's host, or its URL where that begins with https. This one is needed."],
      ['CENTER_CONSOLE_MLFLOW_PORT', 'Its port; 5000 when not set.'],
      ['CENTER_CONSOLE_MLFLOW_USERNAME', 'The user, where it asks for one.'],
      ['CENTER_CONSOLE_MLFLOW_PASSWORD', 'The password of that user. It stays with the API.'],
      ['CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID', 'The experiment whose latest finished run is shown; 1 when not set.'],
    ],
  },

  run: {
    title: 'Latest training',
    unnamed: 'Without a name',
    status: 'Status',
    finished: 'finished',
    started: 'Started',
    took: 'Took',
    experiment: 'Experiment',
    id: 'Run id',
    copyId: 'Copy the run id',
  },

  matrix: {
    title: 'Confusion matrix',
    caption: 'Confusion matrix of the training',
    note: 'As the training recorded it, on the titles it was tested with. What holds by now is on',
    link: 'Predictions',
  },

  measures: {
    title: 'Measures',
    names: { auc: 'AUC', accuracy: 'Accuracy', precision: 'Precision', recall: 'Recall', f1: 'F1' },
    meanings: {
      auc: 'a would watch ranks above a would not',
      accuracy: 'right at all',
      precision: 'right where it says would watch',
      recall: 'found of all would watch',
      f1: 'precision and recall in one',
    },
    chart: (values: string) => `Five measures from 0 to 1: ${values}`,
    unknown: 'not recorded',
  },

  structure: {
    title: 'Structure',
    trees: 'Trees',
    exported: 'Exported to look at',
    features: 'Features',
    used: 'Features in use',
  },

  importance: {
    title: 'Feature importance',
    caption: 'How much each feature adds to the decisions, the largest first',
    rank: 'Rank',
    feature: 'Feature',
    share: 'Importance',
    none: 'No feature has an importance above zero.',
    leftOut: (count: number, shown: string) =>
      `${shown} ${plural(count, { one: 'feature', other: 'features' })} of zero importance left out`,
    all: (shown: string) => `Show all ${shown}`,
    fewer: 'Show fewer',
  },

  trees: {
    title: 'Decision trees',
    none: 'The training exported no tree.',
    pick: 'Tree',
    option: (number: string) => `Tree ${number}`,
    of: (shown: string) => `of ${shown}`,
    previous: 'Tree before',
    next: 'Next tree',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Show the whole tree',
    root: 'Back to the root',
    loading: 'The tree is being drawn',
    outOfRange: (number: string, last: string) =>
      `There is no tree ${number}. The training exported trees 0 to ${last}.`,
    about: (splits: string, leaves: string, depth: string) => `${splits} splits, ${leaves} leaves, ${depth} deep`,
    drawing: (name: string, about: string) => `${name}: ${about}. It is also there as a table, below.`,
    viewport: (name: string) => `${name}. Arrow keys move it, plus and minus zoom.`,
    missing: 'null',
    yes: 'yes',
    no: 'no',
  },

  legend: {
    title: 'How to read it',
    question:
      'A box asks one thing of a title. Start at the top and follow the answers down to a coloured leaf, once in every tree.',
    yes: 'yes, to the right',
    no: 'no, to the left',
    missing: 'null: titles without that value go this way',
    set: '{0-3}: the categories 0, 1, 2 and 3 of a feature',
    leaf: 'A leaf adds its value to the title’s score. 12.5E-3 is 0.0125. The scores of all trees together make the probability.',
    steps: 'Colours of the leaves by their value, in E-3',
    not: 'would not',
    watch: 'E-3, would watch',
  },

  table: {
    title: 'The tree as a table',
    caption: (name: string) => `${name} as a table`,
    node: 'Node',
    says: 'Question or value',
    no: 'No',
    yes: 'Yes',
    missing: 'null',
    leaf: 'leaf',
  },

  source: {
    title: 'DOT source',
    copy: 'Copy the source',
    what: 'DOT source',
    label: (name: string) => `DOT source of ${name}`,
    cut: (shown: string) => `The first ${shown} characters; copying takes all of it.`,
  },

  faults: {
    title: 'This tree cannot be drawn',
    next: 'Its source is below. The other trees are not affected.',
    long: (length: number, most: number) => `Its source has ${length} characters, more than the ${most} that are read.`,
    many: (count: number, most: number) => `It has ${count} nodes, more than the ${most} that are drawn.`,
    syntax: (message: string, place: Place) =>
      `Its source is not DOT: ${place ? `line ${place.line}, column ${place.column}: ` : ''}${message}`,
    nested: 'Its source is nested too deep to be read.',
    undirected: 'Its source is a graph without directions, so it is no tree.',
    groups: 'Its source has groups of nodes, which no decision tree has.',
    empty: 'Its source holds no node.',
    joined: (id: string) => `Two branches lead to the node ${id}, so it is no tree.`,
    circle: 'Its branches go round in a circle, so it is no tree.',
    roots: (count: number, first: string, second: string) =>
      `It has ${count} beginnings, such as the nodes ${first} and ${second}, so it is no tree.`,
  },

  artifact: {
    missing: 'Structure, feature importance and trees',
    loading: 'The file of the training is on its way',
  },
} as const;
