import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { SyncDiagnosis } from './sync-checks.tsx';
import { SyncConnect } from './sync-connect.tsx';

/** Whether batches can be synced, and how Syncthing is connected. */
export function SyncTab({
  config,
  etag,
  refusal,
}: {
  config: PipelineConfig;
  etag: string;
  refusal: string | undefined;
}) {
  return (
    <>
      <SyncDiagnosis etag={etag} isChosen={config.syncthing.folder_id !== ''} />
      <SyncConnect config={config} refusal={refusal} />
    </>
  );
}
