import { Button, Code, Group, Text } from '@mantine/core';
import { useRevalidator, useRouteError } from 'react-router';
import { ApiProblem, ApiUnreachable } from '#shared/api.ts';
import { Blank } from '#shared/blank.tsx';

/** In place of a page that could not be loaded or drawn: why, and a way on. */
export function ErrorPage() {
  const error = useRouteError();
  const { revalidate, state } = useRevalidator();
  const known = error instanceof ApiProblem || error instanceof ApiUnreachable;
  // A chunk of an older build is gone after an update; only a fresh page knows the new ones.
  const outdated = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  const title = outdated
    ? 'The console has been updated'
    : error instanceof ApiUnreachable
      ? 'The API cannot be reached'
      : error instanceof ApiProblem
        ? error.problem.error
        : 'This page failed';
  const text = outdated
    ? 'This tab still runs the version before. Reload it to go on.'
    : error instanceof Error
      ? error.message
      : String(error);
  return (
    <Blank title={title} text={text}>
      {error instanceof ApiProblem && (
        <Text size="sm" c="dimmed">
          Request <Code>{error.problem.instance}</Code>
        </Text>
      )}
      <Group mt="xs">
        <Button loading={state === 'loading'} onClick={() => (known ? revalidate() : location.reload())}>
          {known ? 'Try again' : 'Reload'}
        </Button>
      </Group>
    </Blank>
  );
}
