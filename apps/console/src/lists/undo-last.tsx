import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useRevalidator } from 'react-router';
import type { KeyMap } from '#keys/bindings.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { once } from '#ui/double-clicks.ts';
import { listsTexts as texts } from './texts.ts';

/** What "Undo last" undoes. */
export type LatestUndo = {
  /** Says which change it is. */
  what: string;
  /** The rows of a bulk change, such as `10 media items`. */
  items?: string;
  run: () => void;
};

/** Undoes the latest change of a list, whose message may be gone. */
export function UndoLast({ undo: { what, items, run }, keys }: { undo: LatestUndo; keys: KeyMap<'undo'> }) {
  return (
    <Button
      variant="default"
      data-tooltip={what}
      px="xs"
      leftSection={<IconArrowBackUp size={16} aria-hidden />}
      rightSection={<KeyHint of={keys} name="undo" size="xs" visibleFrom="sm" />}
      {...once}
      onClick={run}
    >
      {items === undefined ? texts.undoLast : texts.undoLastOf(items)}
    </Button>
  );
}

/** Loads the list again after a change of a row that it does not show: an undo brings back what left it on an earlier visit. */
export function useReturns(shown: readonly string[], onSaved: (run: (key: string) => void) => () => unknown): void {
  const { revalidate } = useRevalidator();
  const latest = useRef(shown);
  latest.current = shown;
  useEffect(() => {
    const stop = onSaved((key) => {
      if (!latest.current.includes(key)) void revalidate();
    });
    return () => void stop();
  }, [revalidate, onSaved]);
}
