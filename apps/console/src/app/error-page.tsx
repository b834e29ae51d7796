import { Button, Code, Group, Text } from '@mantine/core';
import { useNavigation, useRouteError } from 'react-router';
import { ApiProblem, ApiUnreachable } from '#api/call.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { useRecovery } from './connection.tsx';
import { appTexts } from './texts.ts';
import { useLoadAgain } from './use-load-again.ts';

const texts = appTexts.error;

/** Replaces a page that could not be loaded or rendered: the reason, and what to do. */
export function ErrorPage() {
  const error = useRouteError();
  const loadAgain = useLoadAgain();
  const { state } = useNavigation();
  const known = error instanceof ApiProblem || error instanceof ApiUnreachable;
  const isDown =
    error instanceof ApiUnreachable || (error instanceof ApiProblem && [502, 503, 504].includes(error.problem.status));
  useRecovery(isDown);
  // After an update the chunks of the older build are gone; only a reload finds the new ones.
  const outdated = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  const title = outdated
    ? texts.outdated
    : error instanceof ApiUnreachable
      ? texts.unreachable
      : error instanceof ApiProblem
        ? error.problem.error
        : texts.failed;
  const text = outdated ? texts.outdatedText : error instanceof Error ? error.message : String(error);
  return (
    <EmptyState title={title} text={text}>
      {isDown && (
        <Text size="sm" c="dimmed">
          {texts.triedAgain}
        </Text>
      )}
      {error instanceof ApiProblem && (
        <Text size="sm" c="dimmed">
          {texts.request} <Code>{error.problem.instance}</Code>
        </Text>
      )}
      <Group mt="xs">
        <Button loading={state === 'loading'} onClick={() => (known ? void loadAgain() : location.reload())}>
          {known ? texts.tryAgain : texts.reload}
        </Button>
      </Group>
    </EmptyState>
  );
}
