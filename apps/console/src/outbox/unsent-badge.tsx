import { Badge, Button, Group } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useStore } from '#state/store.ts';
import { formatInteger } from '#ui/format.ts';
import { uiTexts as texts } from '#ui/texts.ts';
import { outbox } from './browser-outbox.ts';

/** Milliseconds; a younger write is not shown. */
const grace = 1_000;

/** The number of unsent answers, once one has waited for some time. */
export function UnsentBadge() {
  const unsent = useStore(outbox.unsent);
  const [late, setLate] = useState(false);
  const oldest = unsent[0]?.at;
  useEffect(() => {
    if (oldest === undefined) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), Math.max(0, oldest + grace - Date.now()));
    return () => clearTimeout(timer);
  }, [oldest]);
  return (
    <div role="status">
      {late && unsent.length > 0 && (
        <Group gap="xs">
          <Badge color="yellow" variant="light" size="lg">
            {texts.unsent(formatInteger(unsent.length))}
          </Badge>
          <Button size="compact-xs" variant="default" onClick={outbox.retry}>
            {texts.sendNow}
          </Button>
        </Group>
      )}
    </div>
  );
}
