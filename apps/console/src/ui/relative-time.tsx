import { Tooltip } from '@mantine/core';
import { Link } from 'react-router';
import { useMinute } from '#state/use-minute.ts';
import { formatMoment, formatRelative, none } from './format.ts';

/** A moment as time gone by, with the full one on hover and focus; a link to what happened then, where `to` says. */
export function RelativeTime({ at, to }: { at: string | null | undefined; to?: string }) {
  useMinute();
  if (!at) return <span>{none}</span>;
  return (
    <Tooltip label={formatMoment(at)} events={{ hover: true, focus: true, touch: true }}>
      {to ? (
        <Link to={to}>
          <time dateTime={at}>{formatRelative(at)}</time>
        </Link>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the full moment must be reachable by keyboard
        <time dateTime={at} tabIndex={0}>
          {formatRelative(at)}
        </time>
      )}
    </Tooltip>
  );
}
