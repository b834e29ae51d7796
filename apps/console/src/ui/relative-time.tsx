import { Link } from 'react-router';
import { useMinute } from '#state/use-minute.ts';
import { formatMoment, formatRelative, none } from './format.ts';

/** A relative time, with the full one on hover and focus, or the API's text behind a dash; `to` makes it a link. */
export function RelativeTime({ at, to }: { at: string | null | undefined; to?: string }) {
  useMinute();
  if (!at) return <span>{none}</span>;
  const moment = { 'data-tooltip': formatMoment(at), 'data-tooltip-touch': true };
  return to ? (
    <Link to={to} {...moment}>
      <time dateTime={at}>{formatRelative(at)}</time>
    </Link>
  ) : (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the full moment must be reachable by keyboard
    <time dateTime={at} tabIndex={0} {...moment}>
      {formatRelative(at)}
    </time>
  );
}
