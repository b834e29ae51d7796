import type { PipelineStatus, RejectionStatus } from '@at/contracts/vocabulary';
import { Button, Group, Modal, NativeSelect, Stack, Text } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { bulkTexts } from '#bulk/texts.ts';
import { formatInteger } from '#ui/format.ts';
import { uiTexts } from '#ui/texts.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { type PipelineFields, reingested } from './items.ts';
import { errorOptions, pipelineOptions, rejectionOptions } from './status-options.ts';
import { mediaTexts } from './texts.ts';

const texts = mediaTexts.bulkStatuses;
const { fields } = mediaTexts;

const asIs = { value: '', label: texts.asIs };

/** The dialog that sets the three statuses of many items; mounted each time it opens. */
export function BulkStatuses({
  count,
  onChosen,
}: {
  /** How many items; null: unknown. */
  count: number | null;
  onChosen: (change: Partial<PipelineFields>) => void;
}) {
  const [opened, close] = useOpenOnMount();
  const [pipeline, setPipeline] = useState('');
  const [error, setError] = useState('');
  const [rejection, setRejection] = useState('');
  // The database clears both when an item becomes ingested; clear them too for items that already are.
  const isFresh = pipeline === reingested.pipeline_status;
  const change: Partial<PipelineFields> = isFresh
    ? reingested
    : {
        ...(pipeline !== '' && { pipeline_status: pipeline as PipelineStatus }),
        ...(error !== '' && { error_status: error === 'true' }),
        ...(rejection !== '' && { rejection_status: rejection as RejectionStatus }),
      };
  const isNothing = Object.keys(change).length === 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isNothing) return;
    close();
    onChosen(change);
  };
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={count === null ? texts.title : texts.titleOf(bulkTexts.items(count, formatInteger(count), 'media'))}
      size="sm"
    >
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NativeSelect
            data-autofocus
            label={fields.pipeline_status}
            value={pipeline}
            onChange={(event) => setPipeline(event.currentTarget.value)}
            data={[asIs, ...pipelineOptions()]}
          />
          <NativeSelect
            label={fields.error_status}
            disabled={isFresh}
            value={isFresh ? String(reingested.error_status) : error}
            onChange={(event) => setError(event.currentTarget.value)}
            data={[asIs, ...errorOptions]}
          />
          <NativeSelect
            label={fields.rejection_status}
            disabled={isFresh}
            value={isFresh ? reingested.rejection_status : rejection}
            onChange={(event) => setRejection(event.currentTarget.value)}
            data={[asIs, ...rejectionOptions()]}
          />
          <Text size="sm" c="dimmed" role="status" mih="1lh">
            {isNothing ? texts.nothing : isFresh && texts.fresh}
          </Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {uiTexts.cancel}
            </Button>
            <Button type="submit" disabled={isNothing}>
              {texts.preview}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
