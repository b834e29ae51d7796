import { Box, Group, Text } from '@mantine/core';
import { IconClockPause } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useLoaderData } from 'react-router';
import { connection } from '#state/connection.ts';
import { formatClock, formatMoment } from '#ui/format.ts';
import { uiTexts as texts } from '#ui/texts.ts';
import { brokenSince } from './live-events.ts';
import styles from './stale-since.module.css';
import { useOutage } from './use-outage.ts';

/**
 * The age of the page's data, beside its heading. `at`: when it was loaded. A page without `at` follows the events and
 * shows its age only while the API or its event stream is down, where there is room beside the heading. The room is kept, so
 * that nothing moves in an outage.
 */
export function StaleSince({ at }: { at?: string }) {
  const isDown = useOutage() !== null;
  const loaded = useLoaderData<unknown>();
  const loadedAt = useRef(0);
  useEffect(() => {
    loadedAt.current = Date.now();
  }, [loaded]);
  const lastUpdate = brokenSince() ?? connection.get().lastAnswer?.getTime() ?? 0;
  const moment = at ?? new Date(Math.max(loadedAt.current, lastUpdate)).toISOString();
  return (
    <Box className={styles.age ?? ''} {...(at === undefined ? { visibleFrom: 'md' } : {})}>
      <Age words={texts.notUpdatedSince} moment={moment} isStale isHidden={!isDown} />
      {at !== undefined && <Age words={texts.dataFrom} moment={moment} isHidden={isDown} />}
    </Box>
  );
}

function Age({
  words,
  moment,
  isStale = false,
  isHidden,
}: {
  words: string;
  moment: string;
  isStale?: boolean;
  isHidden: boolean;
}) {
  return (
    <Group gap={6} wrap="nowrap" c={isStale ? 'var(--text-warning)' : 'dimmed'} data-hidden={isHidden || undefined}>
      {isStale && <IconClockPause size={16} stroke={1.8} aria-hidden="true" />}
      <Text size="sm">
        {`${words} `}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the full moment must be reachable by keyboard */}
        <time dateTime={moment} tabIndex={0} data-tooltip={formatMoment(moment)} data-tooltip-touch>
          {formatClock(moment)}
        </time>
      </Text>
    </Group>
  );
}
