import { TextInput } from '@mantine/core';
import { defaultQueueLabels, longestQueueLabel, queueLabels } from '#state/queue-labels.ts';
import { useStore } from '#state/store.ts';
import styles from './settings.module.css';
import { settingsTexts as texts } from './texts.ts';

/** What Queue calls the code and the performer of a file. */
export function QueueNames() {
  const labels = useStore(queueLabels);
  return (
    <div className={styles.controls}>
      {(['code', 'performer'] as const).map((name) => (
        <TextInput
          key={name}
          className={styles.select ?? ''}
          label={texts.queueName(defaultQueueLabels[name])}
          placeholder={defaultQueueLabels[name]}
          maxLength={longestQueueLabel}
          value={labels[name]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            queueLabels.set((before) => ({ ...before, [name]: value }));
          }}
        />
      ))}
    </div>
  );
}
