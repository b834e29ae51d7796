import { Alert, Button } from '@mantine/core';
import { Outdated } from './outdated.ts';
import { uiTexts as texts } from './texts.ts';

/** In place of a part of a page whose code could not be loaded: the reason, and what to do. */
export function NotLoaded({ reason }: { reason: Error }) {
  const isOutdated = reason instanceof Outdated;
  return (
    <Alert color={isOutdated ? 'yellow' : 'red'} role="alert" title={isOutdated ? texts.outdated : texts.notLoaded}>
      {reason.message}{' '}
      {isOutdated && (
        <Button size="compact-sm" variant="default" onClick={() => location.reload()}>
          {texts.reload}
        </Button>
      )}
    </Alert>
  );
}
