import * as activity from '@at/contracts/activity';
import * as batches from '@at/contracts/batches';
import * as bulk from '@at/contracts/bulk';
import * as duplicates from '@at/contracts/duplicates';
import * as events from '@at/contracts/events';
import * as fileRoots from '@at/contracts/file-roots';
import * as files from '@at/contracts/files';
import * as labels from '@at/contracts/labels';
import * as logs from '@at/contracts/logs';
import * as media from '@at/contracts/media';
import * as mediaHistory from '@at/contracts/media-history';
import * as migrations from '@at/contracts/migrations';
import * as mlflow from '@at/contracts/mlflow';
import * as moves from '@at/contracts/moves';
import * as movies from '@at/contracts/movies';
import * as pipeline from '@at/contracts/pipeline';
import * as pipelineConfig from '@at/contracts/pipeline-config';
import * as posters from '@at/contracts/posters';
import * as predictions from '@at/contracts/predictions';
import * as queue from '@at/contracts/queue';
import * as queueActions from '@at/contracts/queue-actions';
import * as queueBulk from '@at/contracts/queue-bulk';
import * as queueRemovals from '@at/contracts/queue-removals';
import * as queueStatus from '@at/contracts/queue-status';
import * as runs from '@at/contracts/runs';
import * as session from '@at/contracts/session';
import * as settings from '@at/contracts/settings';
import * as sorting from '@at/contracts/sorting';
import * as sync from '@at/contracts/sync';
import * as system from '@at/contracts/system';
import * as thumbnails from '@at/contracts/thumbnails';
import * as training from '@at/contracts/training';
import * as views from '@at/contracts/views';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Deps } from '#deps.ts';
import { batchExamples } from '#docs/examples/batches.ts';
import { operationExamples } from '#docs/examples/bulk.ts';
import { duplicateExamples } from '#docs/examples/duplicates.ts';
import { eventExamples } from '#docs/examples/events.ts';
import type { Example } from '#docs/examples/example.ts';
import { fileExamples } from '#docs/examples/files.ts';
import { mediaExamples } from '#docs/examples/media.ts';
import { moveExamples } from '#docs/examples/moves.ts';
import { pipelineExamples } from '#docs/examples/pipeline.ts';
import { pipelineConfigExamples } from '#docs/examples/pipeline-config.ts';
import { posterExamples } from '#docs/examples/posters.ts';
import { movieExamples, predictionExamples } from '#docs/examples/predictions.ts';
import { queueExamples } from '#docs/examples/queue.ts';
import { runExamples } from '#docs/examples/runs.ts';
import { sortingExamples } from '#docs/examples/sorting.ts';
import { syncExamples } from '#docs/examples/sync.ts';
import {
  migrationExamples,
  mlflowExamples,
  sessionExamples,
  settingExamples,
  systemExamples,
  viewExamples,
} from '#docs/examples/system.ts';
import { thumbnailExamples } from '#docs/examples/thumbnails.ts';
import { labelExamples, trainingExamples } from '#docs/examples/training.ts';
import { activityRoutes } from '#features/activity/routes.ts';
import { batchRoutes } from '#features/batches/routes.ts';
import { bulkRoutes } from '#features/bulk/routes.ts';
import { duplicateRoutes } from '#features/duplicates/routes.ts';
import { fileRoutes } from '#features/files/routes.ts';
import { labelRoutes } from '#features/labels/routes.ts';
import { mediaRoutes } from '#features/media/routes.ts';
import { migrationRoutes } from '#features/migrations/routes.ts';
import { mlflowRoutes } from '#features/mlflow/routes.ts';
import { moveRoutes } from '#features/moves/routes.ts';
import { movieRoutes } from '#features/movies/routes.ts';
import { pipelineRoutes } from '#features/pipeline/routes.ts';
import { pipelineConfigRoutes } from '#features/pipeline-config/routes.ts';
import { posterRoutes } from '#features/posters/routes.ts';
import { predictionRoutes } from '#features/predictions/routes.ts';
import { queueRoutes } from '#features/queue/routes.ts';
import { runRoutes } from '#features/runs/routes.ts';
import { sessionRoutes } from '#features/session/routes.ts';
import { settingRoutes } from '#features/settings/routes.ts';
import { sortingRoutes } from '#features/sorting/routes.ts';
import { syncRoutes } from '#features/sync/routes.ts';
import { systemRoutes } from '#features/system/routes.ts';
import { thumbnailRoutes } from '#features/thumbnails/routes.ts';
import { trainingRoutes } from '#features/training/routes.ts';
import { viewRoutes } from '#features/views/routes.ts';

type Feature = {
  /** The endpoints, and the tag that groups them in the documentation. */
  contract: object & { tag: { name: string; description: string } };
  routes: FastifyPluginAsyncTypebox<Deps>;
  /** Its endpoints stand beside the API's prefix, below /api. */
  besidePrefix?: true;
  examples: readonly Example[];
};

/** Every feature, in the order of the documentation. */
export const features: readonly Feature[] = [
  { contract: training, routes: trainingRoutes, examples: trainingExamples },
  { contract: labels, routes: labelRoutes, examples: labelExamples },
  { contract: { ...media, ...mediaHistory }, routes: mediaRoutes, examples: mediaExamples },
  { contract: posters, routes: posterRoutes, examples: posterExamples },
  { contract: predictions, routes: predictionRoutes, examples: predictionExamples },
  { contract: movies, routes: movieRoutes, examples: movieExamples },
  { contract: bulk, routes: bulkRoutes, examples: operationExamples },
  {
    contract: { ...queue, ...queueActions, ...queueBulk, ...queueRemovals, ...queueStatus },
    routes: queueRoutes,
    besidePrefix: true,
    examples: queueExamples,
  },
  {
    contract: pipelineConfig,
    routes: pipelineConfigRoutes,
    besidePrefix: true,
    examples: pipelineConfigExamples,
  },
  { contract: duplicates, routes: duplicateRoutes, besidePrefix: true, examples: duplicateExamples },
  { contract: sorting, routes: sortingRoutes, besidePrefix: true, examples: sortingExamples },
  { contract: sync, routes: syncRoutes, besidePrefix: true, examples: syncExamples },
  { contract: pipeline, routes: pipelineRoutes, besidePrefix: true, examples: pipelineExamples },
  { contract: { ...files, ...fileRoots }, routes: fileRoutes, besidePrefix: true, examples: fileExamples },
  { contract: thumbnails, routes: thumbnailRoutes, besidePrefix: true, examples: thumbnailExamples },
  { contract: moves, routes: moveRoutes, besidePrefix: true, examples: moveExamples },
  { contract: batches, routes: batchRoutes, besidePrefix: true, examples: batchExamples },
  { contract: { ...runs, ...logs }, routes: runRoutes, besidePrefix: true, examples: runExamples },
  { contract: { ...events, ...activity }, routes: activityRoutes, examples: eventExamples },
  { contract: migrations, routes: migrationRoutes, examples: migrationExamples },
  { contract: views, routes: viewRoutes, examples: viewExamples },
  { contract: settings, routes: settingRoutes, examples: settingExamples },
  { contract: mlflow, routes: mlflowRoutes, examples: mlflowExamples },
  { contract: session, routes: sessionRoutes, examples: sessionExamples },
  { contract: system, routes: systemRoutes, examples: systemExamples },
];
