import type { ConfigVersion } from '@at/contracts/pipeline-config';
import { Button, Group, Text, Title } from '@mantine/core';
import { Link } from 'react-router';
import { EmptyState } from '#ui/empty-state.tsx';
import { ReasonButton } from '#ui/reason-button.tsx';
import { RelativeTime } from '#ui/relative-time.tsx';
import { Status } from '#ui/status.tsx';
import { Changes } from './changes.tsx';
import styles from './pipeline-config.module.css';
import { configTexts } from './texts.ts';

const texts = configTexts.versions;

type Props = {
  versions: ConfigVersion[];
  hasMore: boolean;
  /** The version that holds now. */
  current: number;
  /** Whether older versions are shown. */
  isOlder: boolean;
  refusal: string | undefined;
  onRestore: (id: number) => void;
};

/** Who changed what, newest first. */
export function Versions({ versions, hasMore, current, isOlder, refusal, onRestore }: Props) {
  if (versions.length === 0) return <EmptyState {...texts.none} />;
  return (
    <>
      {versions.map(({ id, actor, created_at, restored, changes }) => (
        <section key={id} className={styles.section} aria-labelledby={`version-${id}`}>
          <Group justify="space-between" gap="sm">
            <div>
              <Title order={2} id={`version-${id}`}>
                {texts.of(id)}
              </Title>
              <Text size="sm" c="dimmed">
                <RelativeTime at={created_at} /> {texts.by} {actor}
                {restored !== null && `, ${texts.restored(restored)}`}
              </Text>
            </div>
            {id === current ? (
              <Status tone="good">{texts.current}</Status>
            ) : (
              <ReasonButton size="xs" reason={refusal} aria-label={texts.restore(id)} onClick={() => onRestore(id)}>
                {configTexts.dialog.restore}
              </ReasonButton>
            )}
          </Group>
          {changes.length > 0 ? <Changes changes={changes} /> : <Text size="sm">{texts.commentsOnly}</Text>}
        </section>
      ))}
      <Group>
        {isOlder && (
          <Button component={Link} to="?tab=versions" variant="default" size="xs">
            {texts.newest}
          </Button>
        )}
        {hasMore && (
          <Button component={Link} to={`?tab=versions&before=${versions.at(-1)?.id}`} variant="default" size="xs">
            {texts.older}
          </Button>
        )}
      </Group>
    </>
  );
}
