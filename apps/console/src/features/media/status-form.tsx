import { type MediaRow, updatePipeline } from '@at/contracts/media';
import { Button, NativeSelect, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useRefusal } from '#api/session.ts';
import { useStore } from '#state/store.ts';
import styles from './item-drawer.module.css';
import { changesTo, type PipelineFields } from './items.ts';
import { changePipeline, writing } from './media-changes.ts';
import { errorOptions, pipelineOptions, rejectionOptions } from './status-options.ts';
import { mediaTexts as texts } from './texts.ts';

/** The form that sets the three statuses; it sends only those that differ. */
export function StatusForm({ item }: { item: MediaRow }) {
  // Choices that are not sent yet. They stay when the item changes, and then apply to its newer state.
  const [wanted, setWanted] = useState<Partial<PipelineFields>>({});
  const [isUnchanged, setUnchanged] = useState(false);
  const isWriting = useStore(writing).has(item.hash);
  const shown: PipelineFields = { ...item, ...wanted };
  const refusal = useRefusal(updatePipeline.config.role);
  const isLocked = item.deleted_at != null || refusal !== null;
  const choose = (fields: Partial<PipelineFields>) => {
    setUnchanged(false);
    setWanted((before) => ({ ...before, ...fields }));
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const changes = changesTo(item, wanted);
    setUnchanged(Object.keys(changes).length === 0);
    if (Object.keys(changes).length > 0 && (await changePipeline(item, changes))) setWanted({});
  };
  return (
    <form onSubmit={(event) => void submit(event)} aria-label={texts.details.statuses}>
      <div className={styles.form}>
        <NativeSelect
          label={texts.fields.pipeline_status}
          disabled={isLocked}
          value={shown.pipeline_status}
          onChange={({ currentTarget: { value } }) =>
            choose({ pipeline_status: value as PipelineFields['pipeline_status'] })
          }
          data={pipelineOptions([item.pipeline_status])}
        />
        <NativeSelect
          label={texts.fields.error_status}
          disabled={isLocked}
          value={String(shown.error_status)}
          onChange={({ currentTarget: { value } }) => choose({ error_status: value === 'true' })}
          data={errorOptions}
        />
        <NativeSelect
          label={texts.fields.rejection_status}
          disabled={isLocked}
          value={shown.rejection_status}
          onChange={({ currentTarget: { value } }) =>
            choose({ rejection_status: value as PipelineFields['rejection_status'] })
          }
          data={rejectionOptions([item.rejection_status])}
        />
      </div>
      <Text size="sm" c="dimmed" mt="xs">
        {texts.details.recordOnly}
      </Text>
      <div className={styles.submit}>
        <Button
          type="submit"
          variant={Object.keys(changesTo(item, wanted)).length > 0 ? 'filled' : 'default'}
          disabled={isLocked}
          loading={isWriting}
        >
          {texts.actions.submit.name}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {refusal ?? (isUnchanged && texts.details.unsaved)}
        </Text>
      </div>
    </form>
  );
}
