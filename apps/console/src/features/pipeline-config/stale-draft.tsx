import type { ConfigVersion } from '@at/contracts/pipeline-config';
import { Alert, Button, Text } from '@mantine/core';
import { Changes } from './changes.tsx';
import { configTexts } from './texts.ts';

const texts = configTexts.stale;

type Props = {
  /** The version that the draft was begun on, and the one that holds now. */
  since: number;
  current: number;
  /** The latest versions. */
  versions: ConfigVersion[];
  onAdopt: () => void;
};

/** Says that a draft cannot be saved because the configuration has changed, and what has. */
export function StaleDraft({ since, current, versions, onAdopt }: Props) {
  const later = versions.filter(({ id }) => id > since);
  return (
    <Alert color="yellow" mb="md" role="alert" title={texts.title}>
      <Text size="sm">{texts.text}</Text>
      {later.map(({ id, actor, changes }) => (
        <div key={id}>
          <Text size="sm" mt="xs">
            {texts.by(id, actor)}
          </Text>
          {changes.length > 0 ? (
            <Changes changes={changes} />
          ) : (
            <Text size="sm">{configTexts.versions.commentsOnly}</Text>
          )}
        </div>
      ))}
      {later.length < current - since && <Text size="sm">{texts.unlisted}</Text>}
      <Button mt="sm" size="xs" variant="default" onClick={onAdopt}>
        {texts.adopt}
      </Button>
      <Text size="sm" mt={6}>
        {texts.adoptHint}
      </Text>
    </Alert>
  );
}
