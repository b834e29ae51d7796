import { VisuallyHidden } from '@mantine/core';
import { NavLink } from 'react-router';
import { countToAct, usePageAttention } from '#pages/attention.ts';
import { type Page, usePages } from '#pages/define-page.ts';
import { formatInteger } from '#ui/format.ts';
import styles from './page-link.module.css';
import { appTexts } from './texts.ts';

/** The longest number that fits on an icon. */
const most = 99;

type LinkProps = {
  page: Page;
  to: string;
  className: string;
  iconSize?: number;
  isShort?: boolean;
  onClick?: () => void;
};

/** The link to a page, with how many things wait for someone there. `isShort`: without its name. */
export function PageLink({ page, to, className, iconSize = 20, isShort = false, onClick }: LinkProps) {
  const count = countToAct(usePageAttention(page));
  const { path, name, Icon } = page;
  const { pages } = usePages();
  // Below /files are pages of their own, below /media are not.
  const isWhole = path === '/' || pages.some((other) => other.path.startsWith(`${path}/`));
  return (
    <NavLink
      to={to}
      end={isWhole}
      className={className}
      onClick={onClick}
      aria-description={count > 0 ? appTexts.navigation.waiting(formatInteger(count)) : undefined}
    >
      <Icon size={iconSize} stroke={1.6} />
      {isShort ? <VisuallyHidden>{name}</VisuallyHidden> : name}
      <Badge count={count} onIcon={isShort || iconSize > 20} />
    </NavLink>
  );
}

/** How many things on a page wait for someone, on its link; nothing if none does. */
export function Badge({ count, onIcon }: { count: number; onIcon: boolean }) {
  if (count === 0) return null;
  return (
    // Drawn by its style: the number is in the description of the link, not in its name.
    <span
      className={styles.badge}
      data-on-icon={onIcon || undefined}
      data-count={onIcon && count > most ? `${most}+` : formatInteger(count)}
      aria-hidden="true"
    />
  );
}
