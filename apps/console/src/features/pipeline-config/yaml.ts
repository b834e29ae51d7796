import { getPipelineConfig, type PipelineConfigSaved, savePipelineConfig } from '@at/contracts/pipeline-config';
import type { Problem } from '@at/contracts/problem';
import { ApiProblem, ApiUnreachable, urlOf } from '#api/call.ts';

/** The configuration as YAML, which `call` does not speak. */

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((cause: unknown) => {
    if (init.signal?.aborted) throw cause;
    throw new ApiUnreachable('The API cannot be reached.', { cause });
  });
  if (!response.ok) throw new ApiProblem((await response.json()) as Problem);
  return response;
}

/** The text, and the ETag of its version. */
export async function readYaml(signal: AbortSignal): Promise<{ text: string; etag: string }> {
  const response = await send(urlOf(getPipelineConfig), { headers: { accept: 'application/yaml' }, signal });
  return { text: await response.text(), etag: response.headers.get('etag') ?? '' };
}

export async function putYaml(text: string, etag: string, dry_run: boolean): Promise<PipelineConfigSaved> {
  const response = await send(urlOf(savePipelineConfig, {}, { dry_run }), {
    method: 'PUT',
    headers: { 'content-type': 'application/yaml', accept: 'application/json', 'if-match': etag },
    body: text,
  });
  return (await response.json()) as PipelineConfigSaved;
}
