import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiProblem } from './api.ts';
import { StateMark } from './state-mark.tsx';
import { partTexts as texts } from './texts/parts.ts';

/** In place of a part that could not be loaded, while the rest of its page could: which one and why. */
export function Missing({ what, error }: { what: string; error: unknown }) {
  return (
    <div>
      <StateMark tone="bad">{texts.notLoaded}</StateMark>
      <Text size="sm">
        {texts.because(what, error instanceof Error ? error.message : String(error))}
        {error instanceof ApiProblem && texts.request(error.problem.instance)}
      </Text>
    </div>
  );
}

/** A part of a page, or why it is missing. */
export function Part<T>({
  result,
  what,
  children,
}: {
  result: PromiseSettledResult<T>;
  what: string;
  children: (value: T) => ReactNode;
}) {
  return result.status === 'fulfilled' ? children(result.value) : <Missing what={what} error={result.reason} />;
}
