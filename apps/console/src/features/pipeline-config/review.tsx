import type { PipelineConfigSaved } from '@at/contracts/pipeline-config';
import { Button, Group, Modal, Text } from '@mantine/core';
import { once } from '#ui/double-clicks.ts';
import { Changes } from './changes.tsx';
import styles from './pipeline-config.module.css';
import { configTexts } from './texts.ts';

const texts = configTexts.dialog;

export type Review = {
  title: string;
  verb: string;
  /** What would be saved. */
  would: PipelineConfigSaved;
  confirm: () => Promise<void>;
};

/** Shows what would change before it is saved. */
export function ReviewDialog({ review, onClose }: { review: Review | null; onClose: () => void }) {
  return (
    <Modal opened={review !== null} onClose={onClose} title={review?.title} size="lg">
      {review && (
        <>
          {review.would.changes.length > 0 ? (
            <Changes changes={review.would.changes} />
          ) : (
            <Text size="sm">{texts.sameValues}</Text>
          )}
          {review.would.warnings.length > 0 && (
            <>
              <Text size="sm" fw={600} mt="md">
                {texts.warnings}
              </Text>
              <ul className={styles.changes}>
                {review.would.warnings.map(({ key, message }) => (
                  <li key={key}>
                    <code>{key}</code> {message}
                  </li>
                ))}
              </ul>
            </>
          )}
          <Group mt="lg" justify="flex-end" {...once}>
            <Button variant="default" onClick={onClose}>
              {texts.cancel}
            </Button>
            <Button data-autofocus onClick={() => void review.confirm()}>
              {review.verb}
            </Button>
          </Group>
        </>
      )}
    </Modal>
  );
}
