import { cleanUpQueue, refreshQueueItems } from '@at/contracts/queue-bulk';
import { Modal, NumberInput, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queryClient } from '#api/query-client.ts';
import { useRefusal } from '#api/session.ts';
import { formatInteger } from '#ui/format.ts';
import { LoadFailure } from '#ui/load-failure.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { useDebouncedValue } from '#ui/use-debounced-value.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { bulkTexts as texts } from './bulk.texts.ts';
import { countCleanup, useBulk } from './bulk.ts';
import { FreshSwitch } from './fresh-switch.tsx';
import styles from './queue.module.css';

const usualAge = 30;

/** Removes completed items by their age; their number comes first. */
function Cleanup({ onStarted }: { onStarted: () => void }) {
  const [days, setDays] = useState<number | ''>(usualAge);
  const [typed, write] = useDebouncedValue<number | ''>(days, setDays, 300);
  const refusal = useRefusal(cleanUpQueue.config.role) ?? undefined;
  const { cleanUp } = useBulk();
  const { data: count, error } = useQuery(
    {
      queryKey: ['queue-cleanup', days],
      queryFn: ({ signal }) => countCleanup(Number(days), signal),
      enabled: refusal === undefined && days !== '',
      gcTime: 0,
    },
    queryClient,
  );
  const isKnown = count !== undefined && typed === days;
  const reason =
    refusal ??
    (typed === '' ? texts.notAnAge : !isKnown ? texts.counting : count === 0 ? texts.nothingToRemove : undefined);
  return (
    <section>
      <h3 className={styles.name}>{texts.cleanUp}</h3>
      <Text size="sm" mb={6}>
        {texts.cleanUpText}
      </Text>
      <div className={styles.actions}>
        <NumberInput
          className={styles.grow ?? ''}
          label={texts.age}
          description={texts.ageHint}
          min={0}
          max={365}
          allowDecimal={false}
          clampBehavior="strict"
          value={typed}
          onChange={(next) => write(typeof next === 'number' ? next : '')}
        />
        <ReasonButton
          reason={reason}
          color="red"
          onClick={async () => {
            if (await cleanUp(Number(days))) onStarted();
          }}
        >
          {isKnown ? texts.remove(count, formatInteger(count)) : texts.cleanUp}
        </ReasonButton>
      </div>
      <Text size="xs" c="dimmed" mt={4} role="status" mih="1lh">
        {isKnown && texts.count(count, formatInteger(count))}
      </Text>
      {error && <LoadFailure what={texts.cleanUp} error={error} />}
    </section>
  );
}

/** Actions on the whole queue. */
export function Maintenance() {
  const [opened, close] = useOpenOnMount();
  const refusal = useRefusal(refreshQueueItems.config.role) ?? undefined;
  const { refreshMany } = useBulk();
  return (
    <Modal opened={opened} onClose={close} title={texts.title}>
      <Stack>
        <Cleanup onStarted={close} />
        <section>
          <h3 className={styles.name}>{texts.refreshAll}</h3>
          <Text size="sm" mb={6}>
            {texts.refreshAllText}
          </Text>
          <div className={styles.actions}>
            <ReasonButton
              reason={refusal}
              onClick={async () => {
                if (await refreshMany({})) close();
              }}
            >
              {texts.refreshAllVerb}
            </ReasonButton>
            <FreshSwitch />
          </div>
        </section>
      </Stack>
    </Modal>
  );
}
