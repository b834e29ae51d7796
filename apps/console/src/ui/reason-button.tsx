import { Button, type ButtonProps } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';
import { notify } from './notify.tsx';

/** A button that gives the reason if it is not possible. Not `disabled`: the reason must be reachable by keyboard and touch. */
export function ReasonButton({
  reason,
  onClick,
  ...button
}: ButtonProps & Omit<ComponentPropsWithoutRef<'button'>, keyof ButtonProps> & { reason: string | undefined }) {
  return (
    <Button
      variant="default"
      {...button}
      data-tooltip={reason}
      data-disabled={reason !== undefined}
      aria-disabled={reason !== undefined}
      // A tap shows no tooltip.
      onClick={reason === undefined ? onClick : () => notify(reason)}
    />
  );
}
