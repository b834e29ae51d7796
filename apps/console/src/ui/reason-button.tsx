import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';
import { notify } from './notify.tsx';

/** A button that gives the reason if it is not possible. Not `disabled`: the reason must be reachable by keyboard and touch. */
export function ReasonButton({
  reason,
  onClick,
  ...button
}: ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & { reason: string | undefined }) {
  return (
    <Tooltip label={reason} disabled={reason === undefined} events={{ hover: true, focus: true, touch: true }}>
      <Button
        variant="default"
        {...button}
        data-disabled={reason !== undefined}
        aria-disabled={reason !== undefined}
        // A tap on a phone shows no tooltip.
        onClick={reason === undefined ? onClick : () => notify(reason)}
      />
    </Tooltip>
  );
}
