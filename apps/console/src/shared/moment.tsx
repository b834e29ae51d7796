import { Tooltip } from '@mantine/core';
import { formatMoment, formatRelative, none } from './format.ts';

/** A moment as time gone by, with the full one on hover and focus. */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <span>{none}</span>;
  return (
    <Tooltip label={formatMoment(at)} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the full moment must be reachable by keyboard */}
      <time dateTime={at} tabIndex={0}>
        {formatRelative(at)}
      </time>
    </Tooltip>
  );
}
