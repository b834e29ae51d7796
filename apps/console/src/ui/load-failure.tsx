import { Button, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Status } from './status.tsx';
import { uiTexts as texts } from './texts.ts';

/** The id of the failed request, for the API's log; undefined if there was no response. */
export function requestIdOf(error: unknown): string | undefined {
  return error instanceof Error && 'requestId' in error ? String(error.requestId) : undefined;
}

/** Replaces a part of a page that could not be loaded, with the reason. */
export function LoadFailure({ what, error, retry }: { what: string; error: unknown; retry?: () => unknown }) {
  const requestId = requestIdOf(error);
  return (
    <div>
      <Status tone="bad">{texts.notLoaded}</Status>
      <Text size="sm">
        {texts.because(what, error instanceof Error ? error.message : String(error))}
        {requestId && texts.request(requestId)}
      </Text>
      {retry && (
        <Button mt="sm" size="compact-sm" variant="default" onClick={() => void retry()}>
          {texts.tryAgain}
        </Button>
      )}
    </div>
  );
}

/** A part of a page, or why it could not be loaded. */
export function Part<T>({
  result,
  what,
  children,
}: {
  result: PromiseSettledResult<T>;
  what: string;
  children: (value: T) => ReactNode;
}) {
  return result.status === 'fulfilled' ? children(result.value) : <LoadFailure what={what} error={result.reason} />;
}
