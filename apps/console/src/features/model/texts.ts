import { plural } from '#ui/plural.ts';

type Place = { line: number; column: number } | undefined;

/** Texts of the Model page. Numbers and times come formatted, except those of faults. */
export const modelTexts = {
  tryAgain: 'Try again',
  request: 'Request',
  minutes: (count: string) => `${count} min`,

  notConnected: {
    title: 'Not connected to MLflow',
    text: 'This page shows the latest training in MLflow. Set these variables and restart the API.',
    caption: 'Settings of MLflow',
    variable: 'Variable',
    meaning: 'What it is',
    settings: [
      ['CENTER_CONSOLE_MLFLOW_HOST', "MLflow's host, or its URL if it uses https. Required."],
      ['CENTER_CONSOLE_MLFLOW_PORT', 'Its port; 5000 by default.'],
      ['CENTER_CONSOLE_MLFLOW_USERNAME', 'The user, if MLflow needs one.'],
      ['CENTER_CONSOLE_MLFLOW_PASSWORD', 'The password of that user. Only the API sees it.'],
      ['CENTER_CONSOLE_MLFLOW_EXPERIMENT_ID', 'The experiment whose latest finished run is shown; 1 by default.'],
    ],
  },

  run: {
    title: 'Training run',
    unnamed: 'Unnamed',
    status: 'Status',
    finished: 'finished',
    started: 'Started',
    took: 'Took',
    experiment: 'Experiment',
    id: 'Run id',
  },

  demo: {
    note: "The demo catalogue's own models, fitted to its labels; its predictions are those of the logistic regression. Connect MLflow to see yours.",
    times: 'No times: they were fitted when the catalogue was made.',
  },

  runs: {
    title: 'Finished runs',
    table: 'Runs with their measures',
    run: 'Run',
    compare: 'Compare',
    shown: 'shown',
    end: 'End comparison',
    compareWith: (name: string) => `Compare with ${name}`,
    endCompare: (name: string) => `End comparison with ${name}`,
    comparison: (name: string, other: string) => `${name} against ${other}`,
    difference: 'Difference',
  },

  matrix: {
    title: 'Confusion matrix',
    caption: 'Confusion matrix of the training',
    note: 'Recorded by the training, on its test titles, at its own threshold. A cell leads to the titles that are in it now; for all of them see',
    link: 'Predictions',
  },

  measures: {
    title: 'Measures',
    names: { auc: 'AUC', accuracy: 'Accuracy', precision: 'Precision', recall: 'Recall', f1: 'F1' },
    meanings: {
      auc: 'ranks a would watch above a would not watch',
      accuracy: 'correct overall',
      precision: 'correct among predicted would watch',
      recall: 'found among all would watch',
      f1: 'mean of precision and recall',
    },
    chart: (values: string) => `Five measures from 0 to 1: ${values}`,
    unknown: 'not recorded',
  },

  structure: {
    title: 'Structure',
    trees: 'Trees',
    exported: 'Exported trees',
    features: 'Features',
    used: 'Features in use',
  },

  importance: {
    title: 'Feature importance',
    caption: 'Share of each feature in the decisions, largest first',
    rank: 'Rank',
    feature: 'Feature',
    share: 'Importance',
    none: 'No feature has an importance above zero.',
    leftOut: (count: number, shown: string) =>
      `${shown} ${plural(count, { one: 'feature', other: 'features' })} with zero importance not shown`,
    all: (shown: string) => `Show all ${shown}`,
    fewer: 'Show fewer',
  },

  trees: {
    title: 'Decision trees',
    none: 'This run exported no trees.',
    pick: 'Tree',
    option: (number: string) => `Tree ${number}`,
    of: (shown: string) => `of ${shown}`,
    previous: 'Previous tree',
    next: 'Next tree',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    fit: 'Show the whole tree',
    root: 'Back to the root',
    loading: 'Drawing the tree',
    outOfRange: (number: string, last: string) => `No tree ${number}. The training exported trees 0 to ${last}.`,
    about: (splits: string, leaves: string, depth: string) => `${splits} splits, ${leaves} leaves, ${depth} deep`,
    drawing: (name: string, about: string) => `${name}: ${about}. Also as a table below.`,
    viewport: (name: string) => `${name}. Arrow keys move it, plus and minus zoom.`,
    missing: 'null',
    yes: 'yes',
    no: 'no',
  },

  legend: {
    title: 'How to read it',
    question:
      'Each box is one question about a title. Start at the top and follow the answers to a coloured leaf, in every tree.',
    yes: 'yes, to the right',
    no: 'no, to the left',
    missing: 'null: titles without that value',
    set: '{0-3}: the categories 0, 1, 2 and 3 of a feature',
    leaf: 'A leaf adds its value to the title’s score. 12.5E-3 is 0.0125. The scores of all trees add up to the probability.',
    steps: 'Leaf colours by value, in E-3',
    not: 'would not watch',
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
    cut: (shown: string) => `First ${shown} characters; Copy takes all of it.`,
  },

  faults: {
    title: 'This tree cannot be drawn',
    next: 'Its source is below. The other trees are not affected.',
    long: (length: number, most: number) => `Its source has ${length} characters, more than the limit of ${most}.`,
    many: (count: number, most: number) => `It has ${count} nodes, more than the limit of ${most}.`,
    syntax: (message: string, place: Place) =>
      `Its source is not DOT: ${place ? `line ${place.line}, column ${place.column}: ` : ''}${message}`,
    nested: 'Its source is nested too deeply.',
    undirected: 'Its source is an undirected graph, not a tree.',
    groups: 'Its source has groups of nodes, so it is not a decision tree.',
    empty: 'Its source has no nodes.',
    joined: (id: string) => `Two branches lead to node ${id}, so it is not a tree.`,
    circle: 'Its branches form a cycle, so it is not a tree.',
    roots: (count: number, first: string, second: string) =>
      `It has ${count} roots, such as nodes ${first} and ${second}, so it is not a tree.`,
  },

  artifact: {
    missing: 'Structure, feature importance and trees',
    loading: 'Loading the training file',
  },
} as const;
