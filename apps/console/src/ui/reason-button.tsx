import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ComponentPropsWithoutRef } from 'react';

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
        onClick={reason === undefined ? onClick : undefined}
      />
    </Tooltip>
  );
}
