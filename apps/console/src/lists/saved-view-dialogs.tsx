import { longestName, type SavedView } from '@at/contracts/views';
import { Button, Group, Modal, Stack, Switch, Text, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '#api/call.ts';
import { isolate } from '#ui/format.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import styles from './saved-views.module.css';
import { viewsTexts } from './saved-views.texts.ts';
import { changeView, filterIn, findView, forgetView, saveView, useSavedViews } from './saved-views.ts';

type Props = { page: string; filter: string };

/** Saves the filter under a name; where there is one of that name, it can be replaced. */
export function SaveDialog({ page, filter }: Props) {
  const [opened, close] = useOpenOnMount();
  const [name, setName] = useState('');
  const [shared, setShared] = useState(false);
  const [refused, setRefused] = useState<string>();
  const [taken, setTaken] = useState<SavedView>();
  const [saving, setSaving] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name.trim();
    if (wanted === '') return setRefused(viewsTexts.nameMissing);
    setSaving(true);
    try {
      await saveView({ page, name: wanted, query: filter, shared });
      close();
    } catch (error) {
      setRefused(error instanceof Error ? error.message : String(error));
      const isTaken = error instanceof ApiProblem && error.problem.status === 409;
      if (isTaken) setTaken(findView(page, wanted));
    }
    setSaving(false);
  };
  const replace = async (view: SavedView) => {
    if (await changeView(view, { query: filter, shared }, viewsTexts.replaced(isolate(view.name)))) close();
  };
  return (
    <Modal opened={opened} onClose={close} title={viewsTexts.saveTitle} size="sm">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <TextInput
            label={viewsTexts.name}
            data-autofocus
            maxLength={longestName}
            value={name}
            error={refused}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setRefused(undefined);
              setTaken(undefined);
            }}
          />
          <Switch
            label={viewsTexts.share}
            description={viewsTexts.shareDescription}
            checked={shared}
            onChange={(event) => setShared(event.currentTarget.checked)}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {viewsTexts.cancel}
            </Button>
            {taken ? (
              <Button maw={240} onClick={() => void replace(taken)}>
                <span className={styles.name}>{viewsTexts.replaceIt(isolate(taken.name))}</span>
              </Button>
            ) : (
              <Button type="submit" loading={saving}>
                {viewsTexts.saveIt}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function Row({ view, filter }: { view: SavedView; filter: string }) {
  const [name, setName] = useState<string>();
  const { name: before, shared } = view;
  const shown = isolate(before);
  const rename = async (event: FormEvent) => {
    event.preventDefault();
    const wanted = name?.trim() ?? '';
    if (wanted === '' || wanted === before) return setName(undefined);
    if (await changeView(view, { name: wanted }, viewsTexts.renamed(isolate(wanted)))) setName(undefined);
  };
  if (name !== undefined) {
    return (
      <li className={styles.row}>
        <form onSubmit={(event) => void rename(event)}>
          <TextInput
            aria-label={viewsTexts.rename(shown)}
            autoFocus
            maxLength={longestName}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <div className={styles.acts}>
            <Button size="compact-sm" type="submit">
              {viewsTexts.renameIt}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setName(undefined)}>
              {viewsTexts.cancel}
            </Button>
          </div>
        </form>
      </li>
    );
  }
  return (
    <li className={styles.row}>
      <Text fw={600} className={styles.wide ?? ''}>
        <bdi>{before}</bdi>
      </Text>
      <Text size="sm" c="dimmed" className={styles.wide ?? ''}>
        {shared ? viewsTexts.sharedBy(isolate(view.owner)) : viewsTexts.own}
      </Text>
      <div className={styles.acts}>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={viewsTexts.rename(shown)}
          onClick={() => setName(before)}
        >
          {viewsTexts.renameIt}
        </Button>
        {filterIn(view.query) !== filter && (
          <Button
            size="compact-sm"
            variant="default"
            aria-label={viewsTexts.overwriteOf(shown)}
            onClick={() => void changeView(view, { query: filter }, viewsTexts.replaced(shown))}
          >
            {viewsTexts.overwrite}
          </Button>
        )}
        <Button
          size="compact-sm"
          variant="default"
          aria-label={viewsTexts.deleteOf(shown)}
          onClick={() => void forgetView(view)}
        >
          {viewsTexts.delete}
        </Button>
        <Switch
          ml="auto"
          size="sm"
          label={viewsTexts.share}
          aria-label={viewsTexts.sharing(shown)}
          checked={shared}
          onChange={(event) => {
            const wanted = event.currentTarget.checked;
            void changeView(view, { shared: wanted }, (wanted ? viewsTexts.shared : viewsTexts.unshared)(shown));
          }}
        />
      </div>
    </li>
  );
}

/** The saved views of a page, each with what can be done to it. */
export function ManageDialog({ page, filter }: Props) {
  const [opened, close] = useOpenOnMount();
  const ofPage = useSavedViews()?.filter((view) => view.page === page) ?? [];
  return (
    <Modal opened={opened} onClose={close} title={viewsTexts.manageTitle} size="md">
      {ofPage.length === 0 ? (
        <Text c="dimmed">{viewsTexts.none}</Text>
      ) : (
        <ul className={styles.list}>
          {ofPage.map((view) => (
            <Row key={view.id} view={view} filter={filter} />
          ))}
        </ul>
      )}
    </Modal>
  );
}
