import { dotOf, fitBoostedTrees, gainShares, sharesOf } from './boosted-trees.ts';
import { featureNames, fitRegression, folds, predictionThreshold, type Title, valuesOf } from './household.ts';
import { crossValidate, evaluate } from './model.ts';

/**
 * The training runs of the demo, as MLflow would serve them: `search.json` is the reply to runs/search, and a folder for each
 * run has its files. The measures are out of fold, as the predictions of the catalogue are. They carry no times, because the
 * catalogue is made once and loaded at any time.
 */

const experimentId = 'demo';

type Run = { id: string; name: string; probabilities: number[]; artifact: object };

function runOf({ id, name, probabilities }: Run, labels: readonly boolean[]) {
  const { cells, accuracy, precision, recall, auc } = evaluate(labels, probabilities, predictionThreshold);
  const metrics = {
    true_positives: cells.tp,
    false_positives: cells.fp,
    true_negatives: cells.tn,
    false_negatives: cells.fn,
    auc,
    accuracy,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall),
  };
  return {
    info: { run_id: id, run_name: name, experiment_id: experimentId, status: 'FINISHED' },
    data: { metrics: Object.entries(metrics).map(([key, value]) => ({ key, value: Number(value.toFixed(6)) })) },
  };
}

/** The files by their paths below `infra/demo/runs`. `probabilityOf`: of the catalogue's predictions. */
export function makeRuns(
  titles: readonly Title[],
  probabilityOf: (title: Title) => number,
): ReadonlyMap<string, string> {
  const reviewed = titles.filter((title) => title.reviewed);
  const labels = reviewed.map(({ label }) => label === 'would_watch');
  const rows = reviewed.map(valuesOf);
  const regression = fitRegression(reviewed);
  const boosted = fitBoostedTrees(rows, labels);
  const metadata = (trees: number) => ({
    total_trees: trees,
    exported_trees: trees,
    feature_count: featureNames.length,
  });
  const weights = regression.weights.slice(1).map(Math.abs);
  const runs: Run[] = [
    {
      id: 'demo-boosted-trees',
      name: 'Boosted trees',
      probabilities: crossValidate(rows, labels, folds, fitBoostedTrees),
      artifact: {
        metadata: metadata(boosted.trees.length),
        feature_importance: gainShares(boosted, featureNames),
        trees: boosted.trees.map((tree) => dotOf(tree, featureNames)),
      },
    },
    {
      id: 'demo-logistic-regression',
      name: 'Logistic regression',
      probabilities: reviewed.map(probabilityOf),
      artifact: { metadata: metadata(0), feature_importance: sharesOf(weights, featureNames), trees: [] },
    },
  ];
  const json = (value: object) => `${JSON.stringify(value, null, 1)}\n`;
  return new Map([
    ['search.json', json({ runs: runs.map((run) => runOf(run, labels)) })],
    ...runs.map(({ id, artifact }) => [`${id}/xgboost_trees.json`, json(artifact)] as const),
  ]);
}
