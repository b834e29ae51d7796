import type { ModelArtifact } from '@at/contracts/mlflow';
import { Skeleton } from '@mantine/core';
import { Suspense, use } from 'react';
import { useLoaderData } from 'react-router';
import { useSource } from '#api/page-request.ts';
import { useKeys } from '#keys/bindings.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { Part } from '#ui/load-failure.tsx';
import { Importance, Structure } from './importance.tsx';
import { modelKeys } from './keys.ts';
import type { Artifact, loader } from './loader.ts';
import styles from './model.module.css';
import { NoModel } from './no-model.tsx';
import { Run, RunMatrix, RunMeasures } from './run.tsx';
import { Comparison, Runs } from './runs.tsx';
import { modelTexts } from './texts.ts';
import { Trees } from './trees.tsx';

/** A training run, the latest unless the address names another: its measures, its features and its trees. */
export function ModelPage() {
  const { at, url, fault, training } = useLoaderData<typeof loader>();
  const refresh = useRefresh();
  useSource(url);
  useKeys(modelKeys, { refresh: () => void refresh() });
  return (
    <>
      <PageTitle page="Model">
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      {fault && <NoModel fault={fault} />}
      {training && (
        <div className={styles.cards}>
          <Run run={training.run} />
          {training.runs.length > 1 && <Runs runs={training.runs} shown={training.run} against={training.against} />}
          {training.against && <Comparison shown={training.run} against={training.against} />}
          <RunMatrix metrics={training.run.metrics} />
          <RunMeasures metrics={training.run.metrics} />
          {/* Another run waits for its own file. */}
          <Suspense key={training.run.run_id} fallback={<Waiting />}>
            <Contents artifact={training.artifact} />
          </Suspense>
        </div>
      )}
    </>
  );
}

/** The contents of the training's file, or why it is missing. */
function Contents({ artifact }: { artifact: Promise<Artifact> }) {
  const result = use(artifact);
  if (result.status === 'rejected') {
    return (
      <section className={`${styles.card} ${styles.wide}`}>
        <Part result={result} what={modelTexts.artifact.missing}>
          {() => null}
        </Part>
      </section>
    );
  }
  const { metadata, feature_importance, trees }: ModelArtifact = result.value.data;
  return (
    <>
      <Structure metadata={metadata} importance={feature_importance} />
      <Importance importance={feature_importance} />
      <Trees trees={trees} />
    </>
  );
}

function Waiting() {
  return (
    <div className={styles.wide} role="status" aria-label={modelTexts.artifact.loading}>
      <Skeleton height={74} mb={12} />
      <Skeleton height={240} mb={12} />
      <Skeleton height={420} />
    </div>
  );
}
