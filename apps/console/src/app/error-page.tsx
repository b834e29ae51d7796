import { Button, Code, Group, Text } from '@mantine/core';
import { useNavigation, useRouteError } from 'react-router';
import { ApiProblem, ApiUnreachable, isOutage } from '#api/call.ts';
import { EmptyState } from '#ui/empty-state.tsx';
import { Outdated } from '#ui/outdated.ts';
import { uiTexts } from '#ui/texts.ts';
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
  const isDown = isOutage(error);
  useRecovery(isDown);
  const title =
    error instanceof Outdated
      ? uiTexts.outdated
      : error instanceof ApiUnreachable
        ? texts.unreachable
        : error instanceof ApiProblem
          ? error.problem.error
          : texts.failed;
  const text = error instanceof Error ? error.message : String(error);
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
          {known ? texts.tryAgain : uiTexts.reload}
        </Button>
      </Group>
    </EmptyState>
  );
}
