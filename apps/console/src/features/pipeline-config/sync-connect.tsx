import type { PipelineConfig } from '@at/contracts/pipeline-config';
import { connectSyncthing, type SyncConnection } from '@at/contracts/sync';
import { Button, Group, Modal, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useRevalidator } from 'react-router';
import { call } from '#api/call.ts';
import { queryClient } from '#api/query-client.ts';
import { once } from '#ui/double-clicks.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import styles from './pipeline-config.module.css';
import { diagnosticsKey, SyncChecks } from './sync-checks.tsx';
import { syncTexts as texts } from './sync-texts.ts';

/** The value of the choice that is not in the list. */
const another = '+';

type Wanted = {
  folder: string;
  folderId: string;
  folderPath: string;
  device: string;
  deviceId: string;
  deviceName: string;
};

/** Tests address and key, and sets up folder and device. */
export function SyncConnect({ config, refusal }: { config: PipelineConfig; refusal: string | undefined }) {
  const { syncthing } = config;
  const { revalidate } = useRevalidator();
  const [address, setAddress] = useState(syncthing.api_url);
  const [key, setKey] = useState('');
  const [found, setFound] = useState<SyncConnection | null>(null);
  const [changes, setChanges] = useState<readonly string[] | null>(null);
  const [wanted, setWanted] = useState<Wanted>({
    folder: syncthing.folder_id,
    folderId: 'batches',
    folderPath: '',
    device: syncthing.device_id,
    deviceId: '',
    deviceName: '',
  });
  const set = (part: Partial<Wanted>) => setWanted((before) => ({ ...before, ...part }));
  const access = { api_url: address.trim(), ...(key !== '' && { api_key: key }) };
  const isNewFolder = wanted.folder === another;
  const isNewDevice = wanted.device === another;
  const folder_id = isNewFolder ? wanted.folderId.trim() : wanted.folder;
  const device_id = isNewDevice ? wanted.deviceId.trim().toUpperCase() : wanted.device;
  const chosen = {
    ...access,
    folder_id,
    device_id,
    ...(isNewFolder && wanted.folderPath.trim() !== '' && { folder_path: wanted.folderPath.trim() }),
    ...(isNewDevice && { device_name: wanted.deviceName.trim() }),
  };
  const send = async (body: object, dry_run: boolean) =>
    (await call(connectSyncthing, { body, query: { dry_run } })).data;

  const test = async () => {
    setFound(null);
    try {
      const reply = await send({ ...access, folder_id: '', device_id: '' }, true);
      setFound(reply);
      setWanted((before) => ({
        ...before,
        folder: reply.folders.some(({ id }) => id === before.folder) ? before.folder : '',
        device: reply.devices.some(({ id }) => id === before.device) ? before.device : '',
      }));
    } catch (error) {
      notifyError(texts.testFailed, error);
    }
  };
  const review = async () => {
    try {
      setChanges((await send(chosen, true)).changes);
    } catch (error) {
      notifyError(texts.notReviewed, error);
    }
  };
  const connect = async () => {
    setChanges(null);
    try {
      setFound(await send(chosen, false));
      setKey('');
      notify(texts.done);
    } catch (error) {
      notifyError(texts.notDone, error);
    }
    await revalidate();
    await queryClient.invalidateQueries({ queryKey: [diagnosticsKey] });
  };
  /** An address or key that was not tested is not used. */
  const retype = (write: (value: string) => void) => (event: { currentTarget: { value: string } }) => {
    setFound(null);
    write(event.currentTarget.value);
  };

  const isReached = found?.checks.some(({ check, state }) => check === 'host' && state === 'passed') ?? false;
  const lack = !isReached ? texts.untested : folder_id === '' || device_id === '' ? texts.missing : undefined;
  return (
    <section className={styles.section} aria-labelledby="connect-syncthing">
      <Title order={2} id="connect-syncthing">
        {texts.connect}
      </Title>
      <Text size="sm" c="dimmed">
        {texts.help}
      </Text>
      <div className={styles.fields}>
        <TextInput label={texts.address} value={address} spellCheck={false} onChange={retype(setAddress)} />
        <TextInput
          label={texts.key}
          description={texts.keyHelp}
          inputWrapperOrder={['label', 'input', 'description']}
          type="password"
          autoComplete="new-password"
          placeholder={syncthing.api_key === '' ? '' : texts.keySet}
          value={key}
          onChange={retype(setKey)}
        />
      </div>
      <ReasonButton mt="md" reason={refusal} onClick={() => void test()}>
        {texts.test}
      </ReasonButton>
      {found && !isReached && (
        <div role="alert">
          <Text size="sm" mt="md">
            {texts.noReply}
          </Text>
          <SyncChecks checks={found.checks.filter(({ state }) => state === 'failed')} />
        </div>
      )}
      {found && isReached && (
        <>
          <Text size="sm" mt="md" role="status">
            {texts.reached}
          </Text>
          <div className={styles.fields}>
            <NativeSelect
              label={texts.folder}
              value={wanted.folder}
              onChange={(event) => set({ folder: event.currentTarget.value })}
              data={[
                { value: '', label: texts.choose },
                ...found.folders.map(({ id, label, path }) => ({ value: id, label: `${label || id} (${path})` })),
                { value: another, label: texts.newFolder },
              ]}
            />
            <NativeSelect
              label={texts.device}
              value={wanted.device}
              onChange={(event) => set({ device: event.currentTarget.value })}
              data={[
                { value: '', label: texts.choose },
                ...found.devices.map(({ id, name, connected }) => ({
                  value: id,
                  label: connected ? name || id : `${name || id} (${texts.away})`,
                })),
                { value: another, label: texts.newDevice },
              ]}
            />
            {isNewFolder && (
              <>
                <TextInput
                  label={texts.folderId}
                  value={wanted.folderId}
                  onChange={(event) => set({ folderId: event.currentTarget.value })}
                />
                <TextInput
                  label={texts.folderPath}
                  description={texts.folderPathHelp}
                  inputWrapperOrder={['label', 'input', 'description']}
                  placeholder={config.paths.batch_dir}
                  value={wanted.folderPath}
                  onChange={(event) => set({ folderPath: event.currentTarget.value })}
                />
              </>
            )}
            {isNewDevice && (
              <>
                <TextInput
                  label={texts.deviceId}
                  value={wanted.deviceId}
                  spellCheck={false}
                  onChange={(event) => set({ deviceId: event.currentTarget.value })}
                />
                <TextInput
                  label={texts.deviceName}
                  value={wanted.deviceName}
                  onChange={(event) => set({ deviceName: event.currentTarget.value })}
                />
              </>
            )}
          </div>
          <ReasonButton mt="md" variant="filled" reason={refusal ?? lack} onClick={() => void review()}>
            {texts.review}
          </ReasonButton>
        </>
      )}
      <Modal opened={changes !== null} onClose={() => setChanges(null)} title={texts.title} size="lg">
        {changes?.length === 0 && <Text size="sm">{texts.nothing}</Text>}
        <ul className={styles.changes}>
          {changes?.map((change) => (
            <li key={change}>{change}</li>
          ))}
        </ul>
        <Group mt="lg" justify="flex-end" {...once}>
          <Button variant="default" onClick={() => setChanges(null)}>
            {texts.cancel}
          </Button>
          <Button data-autofocus onClick={() => void connect()}>
            {texts.verb}
          </Button>
        </Group>
      </Modal>
    </section>
  );
}
