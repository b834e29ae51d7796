import { pipelineStatuses, rejectionStatuses } from '@at/contracts/vocabulary';
import { Drawer, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { listsTexts } from '#lists/texts.ts';
import legend from '#titles/legend.module.css';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import styles from './media-legend.module.css';
import { DeletedBadge, ErrorBadge, PipelineBadge, RejectionBadge } from './pipeline-status.tsx';
import { mediaTexts as texts } from './texts.ts';

function Part({ name, note, rows }: { name: string; note?: string; rows: { mark: ReactNode; meaning: string }[] }) {
  return (
    <section>
      <Title order={3}>{name}</Title>
      {note && <Text size="xs">{note}</Text>}
      <ul className={legend.rows}>
        {rows.map(({ mark, meaning }) => (
          <li key={meaning} className={styles.row}>
            {mark} <span className={legend.meaning}>{meaning}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The legend of the pipeline's badges; mounted each time it opens. */
export function MediaLegend() {
  const [opened, close] = useOpenOnMount();
  const { legendNames } = texts;
  return (
    <Drawer opened={opened} onClose={close} position="right" title={listsTexts.legend}>
      <div className={legend.legend}>
        <Text size="xs" c="dimmed">
          {legendNames.tones}
        </Text>
        <Part
          name={legendNames.statuses}
          note={legendNames.approve}
          rows={pipelineStatuses.map((status) => ({
            mark: <PipelineBadge status={status} />,
            meaning: texts.status[status],
          }))}
        />
        <Part
          name={legendNames.rejections}
          rows={rejectionStatuses.map((status) => ({
            mark: <RejectionBadge status={status} />,
            meaning: texts.rejection[status],
          }))}
        />
        <Part
          name={legendNames.others}
          rows={[
            { mark: <ErrorBadge />, meaning: legendNames.errorMeaning },
            { mark: <DeletedBadge />, meaning: legendNames.deletedMeaning },
          ]}
        />
      </div>
    </Drawer>
  );
}
