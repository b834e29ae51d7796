import { ActionIcon, Group, Text, Title } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { copyLink } from '#ui/copy-link.ts';
import { uiTexts } from '#ui/texts.ts';
import { usePages } from './define-page.ts';
import { FirstVisitHint } from './first-visit-hint.tsx';

type Props = {
  /** Its name in the table of pages. */
  page: string;
  /** The hint where there is no keyboard, if it is another. */
  touchHint?: string;
  /** Tools beside the heading. */
  children?: ReactNode;
};

/** The page's heading, its purpose and its first-visit hint; also names the browser tab. */
export function PageTitle({ page: name, touchHint, children }: Props) {
  const page = usePages().pages.find((one) => one.name === name);
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm" mih={36}>
        <title>{`${name} · center console`}</title>
        {/* The purpose takes a second line before the tools do. */}
        <div style={{ flex: '1 1 min(12rem, 30%)' }}>
          <Title order={1}>{name}</Title>
          {page && (
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {page.purpose}
            </Text>
          )}
        </div>
        <Group gap="sm" ml="auto" justify="flex-end">
          {children}
          <ActionIcon
            variant="default"
            size={30}
            aria-label={uiTexts.copyLink}
            data-tooltip={uiTexts.copyLink}
            onClick={copyLink}
          >
            <IconLink size={16} stroke={1.8} />
          </ActionIcon>
        </Group>
      </Group>
      {page && <FirstVisitHint page={page} touchHint={touchHint} />}
    </>
  );
}
