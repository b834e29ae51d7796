import { type ConfigPreset, restoreConfigVersion, savePipelineConfig } from '@at/contracts/pipeline-config';
import { Alert, Button, SegmentedControl, Text, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useLoaderData, useRevalidator, useSearchParams } from 'react-router';
import { ApiProblem, call } from '#api/call.ts';
import { useSource } from '#api/page-request.ts';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { useKeys } from '#keys/bindings.ts';
import { lazyPart } from '#live/lazy-part.ts';
import { RefreshButton, useRefresh } from '#live/refresh.tsx';
import { PageTitle } from '#pages/page-title.tsx';
import { useStore } from '#state/store.ts';
import { download } from '#ui/download.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { notify, notifyError } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { useIsPhone } from '#ui/use-is-phone.ts';
import { ConfigForm } from './config-form.tsx';
import { changeForm, formDraft, keysOf, noValues, partOf, versionOf, withValue, yamlDraft } from './draft.ts';
import { pipelineConfigKeys } from './keys.ts';
import type { loader } from './loader.ts';
import styles from './pipeline-config.module.css';
import { type Review, ReviewDialog } from './review.tsx';
import { StaleDraft } from './stale-draft.tsx';
import { configTexts as texts } from './texts.ts';
import { Versions } from './versions.tsx';
import { putYaml, readYaml } from './yaml.ts';

const SyncTab = lazyPart(() => import('./sync-tab.tsx'), 'SyncTab');
const Presets = lazyPart(() => import('./presets.tsx'), 'Presets');

const tabs = ['form', 'yaml', 'sync', 'versions', 'presets'] as const;

type Faults = Record<string, string>;
/** Why values cannot be saved, by key; undefined: another error. */
function faultsOf(error: unknown): Faults | undefined {
  if (!(error instanceof ApiProblem) || error.problem.status !== 422) return undefined;
  const { errors = [], message } = error.problem;
  const named = errors.filter(({ pointer }) => pointer !== '');
  if (named.length === 0) return { '': message };
  return Object.fromEntries(named.map(({ pointer, message }) => [pointer.slice(1).replaceAll('/', '.'), message]));
}

const isStale = (error: unknown) => error instanceof ApiProblem && error.problem.status === 412;

/** The configuration as a form or YAML, its versions and presets. */
export function ConfigPage() {
  const { at, url, config, etag, versions, presets } = useLoaderData<typeof loader>();
  const [parameters, setParameters] = useSearchParams();
  const tab = tabs.find((one) => one === parameters.get('tab')) ?? 'form';
  const { revalidate } = useRevalidator();
  const refresh = useRefresh();
  const refusal = useRefusal(savePipelineConfig.config.role) ?? undefined;
  const form = useStore(formDraft);
  const typed = useStore(yamlDraft);
  const values = form?.content ?? noValues;
  const [faults, setFaults] = useState<Faults>({});
  const [review, setReview] = useState<Review | null>(null);
  const yaml = useQuery(
    { queryKey: ['pipeline-config-yaml', etag], queryFn: ({ signal }) => readYaml(signal), enabled: tab === 'yaml' },
    queryClient,
  );
  /** Above the fields, which may be far below. */
  const said = useRef<HTMLDivElement>(null);
  const show = () => said.current?.scrollIntoView({ block: 'center' });
  useSource(url);

  const count = Object.keys(values).length;
  const isYaml = tab === 'yaml';
  const nothing = isYaml ? typed === null || typed.content === yaml.data?.text : count === 0;
  const current = versionOf(etag);
  const begun = isYaml ? typed : form;
  const since = begun ? versionOf(begun.etag) : current;

  /** Reviews what `send` would save, then saves it; `end` drops the draft that was saved. */
  const open = async (
    title: string,
    verb: string,
    send: (isDry: boolean) => Promise<Review['would']>,
    end?: () => void,
  ) => {
    /** A stale draft is reported on the page, which then shows what has changed. */
    const fail = async (title: string, error: unknown) => {
      if (isStale(error)) await revalidate();
      if (isStale(error) && end) show();
      else notifyError(title, error);
    };
    try {
      const would = await send(true);
      setFaults({});
      const confirm = async () => {
        setReview(null);
        try {
          await send(false);
          end?.();
          notify(texts.saved);
          await revalidate();
        } catch (error) {
          await fail(texts.notSaved, error);
        }
      };
      setReview({ title, verb, would, confirm });
    } catch (error) {
      const found = faultsOf(error);
      if (found) {
        setFaults(found);
        show();
      } else await fail(texts.notChecked, error);
    }
  };
  const endDraft = () => (isYaml ? yamlDraft : formDraft).set(null);
  const put = async (dry_run: boolean) =>
    (await call(savePipelineConfig, { body: partOf(values), ifMatch: form?.etag ?? etag, query: { dry_run } })).data;
  const reviewChanges = () =>
    open(
      texts.dialog.title,
      texts.dialog.save,
      isYaml && typed ? (isDry) => putYaml(typed.content, typed.etag, isDry) : put,
      endDraft,
    );
  const fillForm = (added: [key: string, value: unknown][]) =>
    changeForm(etag, (before) => added.reduce((left, [key, value]) => withValue(left, key, value, config), before));
  const adopt = () => {
    setFaults({});
    if (isYaml) yamlDraft.set((before) => before && { ...before, etag });
    else {
      formDraft.set(null);
      fillForm(Object.entries(values));
    }
  };
  const restore = (id: number) =>
    open(
      texts.dialog.restoreTitle(id),
      texts.dialog.restore,
      async (dry_run) =>
        (await call(restoreConfigVersion, { params: { id }, body: {}, query: { dry_run }, ifMatch: etag })).data,
    );
  const usePreset = ({ name, values: preset }: ConfigPreset) => {
    fillForm(keysOf(preset));
    setParameters({});
    notify(texts.presets.used(name));
  };
  const discard = () => {
    setFaults({});
    endDraft();
  };

  const reason = refusal ?? (nothing ? texts.noChanges : since < current ? texts.stale.title : undefined);
  useKeys(pipelineConfigKeys, { refresh: () => void refresh() });
  const listed = Object.entries(faults);
  return (
    <>
      <PageTitle page={texts.page}>
        <RefreshButton at={at} refresh={refresh} />
      </PageTitle>
      <Text size="sm" c="dimmed" mb="sm">
        {texts.use}
      </Text>
      <SegmentedControl
        aria-label={texts.tabsLabel}
        size={useIsPhone() ? 'xs' : 'sm'}
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
              onClick={() => download('pipeline-config.yaml', 'application/yaml', typed?.content ?? yaml.data.text)}
            >
              {texts.yaml.download}
            </Button>
          )}
          <Text size="sm" c="dimmed" role="status">
            {!isYaml && count > 0 && texts.changed(count)}
          </Text>
        </div>
      )}
      <div ref={said}>
        {(tab === 'form' || isYaml) && since < current && (
          <StaleDraft since={since} current={current} versions={versions.versions} onAdopt={adopt} />
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
      </div>
      {tab === 'form' && (
        <ConfigForm
          config={config}
          etag={etag}
          values={values}
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
            value={typed?.content ?? yaml.data?.text ?? ''}
            onChange={({ currentTarget: { value } }) =>
              yamlDraft.set((before) => ({ etag: before?.etag ?? yaml.data?.etag ?? etag, content: value }))
            }
          />
        ))}
      {tab === 'sync' && (
        <div style={{ marginTop: 12 }}>
          <SyncTab config={config} etag={etag} refusal={refusal} />
        </div>
      )}
      {tab === 'versions' && (
        <div style={{ marginTop: 12 }}>
          <Versions
            versions={versions.versions}
            hasMore={versions.has_more}
            current={current}
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
