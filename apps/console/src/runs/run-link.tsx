import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { runAddress } from './run-address.ts';
import { runLinkTexts } from './run-link.texts.ts';

/** Opens a run beside the page. `isAbove`: above a drawer, which keeps its own way back. */
export function RunLink({
  id,
  isAbove = false,
  className,
  children = runLinkTexts.show,
}: {
  id: string;
  isAbove?: boolean;
  className?: string | undefined;
  children?: ReactNode;
}) {
  const { search } = useLocation();
  return (
    <Link
      {...(className && { className })}
      to={runAddress(search, id)}
      {...(!isAbove && { state: { fromList: true } })}
      preventScrollReset
    >
      {children}
    </Link>
  );
}
