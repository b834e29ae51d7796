import { Button, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useRevalidator } from 'react-router';
import type { KeyMap } from '#keys/bindings.ts';
import { KeyHint } from '#keys/key-hint.tsx';
import { once } from '#ui/double-clicks.ts';
import { listsTexts as texts } from './texts.ts';

/** Undoes the latest change of a list, whose message may be gone. `what` says which. */
export function UndoLast({ what, keys, onUndo }: { what: string; keys: KeyMap<'undo'>; onUndo: () => void }) {
  return (
    <Tooltip label={what}>
      <Button
        variant="default"
        px="xs"
        leftSection={<IconArrowBackUp size={16} aria-hidden />}
        rightSection={<KeyHint of={keys} name="undo" size="xs" visibleFrom="sm" />}
        {...once}
        onClick={onUndo}
      >
        {texts.undoLast}
      </Button>
    </Tooltip>
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
