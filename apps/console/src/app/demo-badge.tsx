import { Badge } from '@mantine/core';
import { useServerInfo } from '#api/server-info.ts';
import { appTexts } from './texts.ts';

const texts = appTexts.demo;

/** Shows that the titles come from the demo catalogue. */
export function DemoBadge({ folded = false }: { folded?: boolean }) {
  const facts = useServerInfo();
  if (!facts?.demo) return null;
  return (
    <Badge
      variant="outline"
      color="yellow"
      c="var(--text-warning)"
      mx={folded ? 0 : 8}
      mb={6}
      tabIndex={0}
      data-tooltip={texts.hint}
      data-tooltip-at="right"
      data-tooltip-touch
      style={{ cursor: 'help', flex: 'none' }}
    >
      {folded ? texts.short : texts.long}
    </Badge>
  );
}
