import { getPipelineConfig, listConfigPresets, listConfigVersions } from '@at/contracts/pipeline-config';
import type { LoaderFunctionArgs } from 'react-router';
import { call } from '#api/call.ts';

/** The configuration, its versions (older than `before` in the address) and presets. */
export async function loader({ request: { url, signal } }: LoaderFunctionArgs) {
  const before = Number(new URL(url).searchParams.get('before'));
  const query = Number.isInteger(before) && before > 0 ? { before } : {};
  const [config, versions, presets] = await Promise.all([
    call(getPipelineConfig, { signal }),
    call(listConfigVersions, { query, signal }),
    call(listConfigPresets, { signal }),
  ]);
  return {
    at: new Date().toISOString(),
    url: config.url,
    config: config.data,
    /** Of what is shown: a later version is not overwritten. */
    etag: config.etag ?? '',
    versions: versions.data,
    presets: presets.data.presets,
  };
}
