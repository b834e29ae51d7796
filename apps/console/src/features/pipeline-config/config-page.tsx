import { type ConfigPreset, restoreConfigVersion, savePipelineConfig } from '@at/contracts/pipeline-config';
import { Alert, Button, SegmentedControl, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLoaderData, useRevalidator, useSearchParams } from 'react-router';
import { ApiProblem, call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useKeys } from '#keys/bindings.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { useStore } from '#state/store.ts';
import { download } from '#ui/download.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify, notifyError } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { ConfigForm } from './config-form.tsx';
import { draft, keysOf, partOf, withValue } from './draft.ts';
import { pipelineConfigKeys } from './keys.ts';
import type { loader } from './loader.ts';
import styles from './pipeline-config.module.css';
import { Presets } from './presets.tsx';
import { type Review, ReviewDialog } from './review.tsx';
import { configTexts as texts } from './texts.ts';
import { Versions } from './versions.tsx';
import { putYaml, readYaml } from './yaml.ts';

const tabs = ['form', 'yaml', 'versions', 'presets'] as const;

type Faults = Record<string, string>;
/** Why values cannot be saved, by key; undefined: another error. */
function faultsOf(error: unknown): Faults | undefined {
  if (!(error instanceof ApiProblem) || error.problem.status !== 422) return undefined;
  const { errors = [], message } = error.problem;
  const named = errors.filter(({ pointer }) => pointer !== '');
  if (named.length === 0) return { '': message };
  return Object.fromEntries(named.map(({ pointer, message }) => [pointer.slice(1).replaceAll('/', '.'), message]));
}

/** The configuration as a form or YAML, its versions and presets. */
export function ConfigPage() {
  const { at, url, config, etag, versions, presets } = useLoaderData<typeof loader>();
  const [parameters, setParameters] = useSearchParams();
  const tab = tabs.find((one) => one === parameters.get('tab')) ?? 'form';
  const { revalidate } = useRevalidator();
  const refresh = useRefresh();
  const refusal = useRefusal(savePipelineConfig.config.role) ?? undefined;
  const values = useStore(draft);
  const [faults, setFaults] = useState<Faults>({});
  const [review, setReview] = useState<Review | null>(null);
  /** What a user has typed as YAML, on top of which version. */
  const [typed, setTyped] = useState<string | null>(null);
  const yaml = useQuery(
    { queryKey: ['pipeline-config-yaml', etag], queryFn: ({ signal }) => readYaml(signal), enabled: tab === 'yaml' },
    queryClient,
  );
  useSource(url);

  const count = Object.keys(values).length;
  const isYaml = tab === 'yaml';
  const nothing = isYaml ? typed === null || typed === yaml.data : count === 0;

  const open = async (title: string, verb: string, send: (isDry: boolean) => Promise<Review['would']>) => {
    try {
      const would = await send(true);
      setFaults({});
      const confirm = async () => {
        setReview(null);
        try {
          await send(false);
          draft.set({});
          setTyped(null);
          notify(texts.saved);
          await revalidate();
        } catch (error) {
          notifyError(texts.notSaved, error);
        }
      };
      setReview({ title, verb, would, confirm });
    } catch (error) {
      const found = faultsOf(error);
      if (found) setFaults(found);
      else notifyError(texts.notChecked, error);
    }
  };
  const put = async (body: Record<string, unknown>, isDry: boolean) =>
    (await call(savePipelineConfig, { body, ifMatch: etag, query: isDry ? { dry_run: true } : {} })).data;
  const reviewChanges = () =>
    open(texts.dialog.title, texts.dialog.save, (isDry) =>
      isYaml ? putYaml(typed ?? '', etag, isDry) : put(partOf(values), isDry),
    );
  const restore = (id: number) =>
    open(texts.dialog.restoreTitle(id), texts.dialog.restore, async (isDry) => {
      const query = isDry ? { dry_run: true } : {};
      return (await call(restoreConfigVersion, { params: { id }, body: {}, query })).data;
    });
  const usePreset = ({ name, values: preset }: ConfigPreset) => {
    draft.set((before) => keysOf(preset).reduce((left, [key, value]) => withValue(left, key, value, config), before));
    setParameters({});
    notify(texts.presets.used(name));
  };
  const discard = () => {
    setFaults({});
    if (isYaml) setTyped(null);
    else draft.set({});
  };

  const reason = refusal ?? (nothing ? texts.noChanges : undefined);
  useKeys(pipelineConfigKeys, { refresh: () => void refresh() });
  const listed = Object.entries(faults);
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        value={tab}
        onChange={(next) => {
          setFaults({});
          setParameters(next === 'form' ? {} : { tab: next });
        }}
        data={tabs.map((value) => ({ value, label: texts.tabs[value] }))}
      />
      {(tab === 'form' || isYaml) && (
        <div className={styles.bar}>
          <ReasonButton variant="filled" reason={reason} onClick={() => void reviewChanges()}>
            {texts.review}
          </ReasonButton>
          {!nothing && (
            <Button variant="default" onClick={discard}>
              {texts.discard}
            </Button>
          )}
          {isYaml && yaml.data !== undefined && (
            <Button
              variant="default"
              onClick={() => download('pipeline-config.yaml', 'application/yaml', typed ?? yaml.data)}
            >
              {texts.yaml.download}
            </Button>
          )}
          <Text size="sm" c="dimmed" role="status">
            {!isYaml && count > 0 && texts.changed(count)}
          </Text>
        </div>
      )}
      {listed.length > 0 && (
        <Alert color="red" mb="md" role="alert" title={texts.fix}>
          <ul className={styles.changes}>
            {listed.map(([key, message]) => (
              <li key={key}>
                {key !== '' && <code>{key}</code>} {message}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {tab === 'form' && (
        <ConfigForm
          config={config}
          faults={faults}
          onChange={(key) => setFaults(({ [key]: _, ...others }) => others)}
        />
      )}
      {isYaml &&
        (yaml.error ? (
          <LoadFailure what={texts.yaml.failed} error={yaml.error} retry={() => yaml.refetch()} />
        ) : (
          <Textarea
            label={texts.yaml.label}
            description={texts.yaml.hint}
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
            rows={30}
            spellCheck={false}
            autoCapitalize="off"
            placeholder={texts.yaml.loading}
            readOnly={yaml.data === undefined}
            value={typed ?? yaml.data ?? ''}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        ))}
      {tab === 'versions' && (
        <div style={{ marginTop: 12 }}>
          <Versions
            versions={versions.versions}
            hasMore={versions.has_more}
            current={Number(etag.replaceAll('"', ''))}
            isOlder={parameters.has('before')}
            refusal={refusal}
            onRestore={(id) => void restore(id)}
          />
        </div>
      )}
      {tab === 'presets' && (
        <div style={{ marginTop: 12 }}>
          <Presets presets={presets} refusal={refusal} onUse={usePreset} />
        </div>
      )}
      <ReviewDialog review={review} onClose={() => setReview(null)} />
    </>
  );
}
