import { Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePages } from './define-page.ts';
import { FirstVisitHint } from './first-visit-hint.tsx';

type Props = {
  /** Its name in the table of pages. */
  page: string;
  /** Tools beside the heading. */
  children?: ReactNode;
};

/** The page's heading, its purpose and its first-visit hint; also names the browser tab. */
export function PageTitle({ page: name, children }: Props) {
  const page = usePages().pages.find((one) => one.name === name);
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm" mih={36}>
        <title>{`${name} · center console`}</title>
        <div>
          <Title order={1}>{name}</Title>
          {page && (
            <Text size="sm" c="dimmed" visibleFrom="sm">
              {page.purpose}
            </Text>
          )}
        </div>
        <Group gap="sm">{children}</Group>
      </Group>
      {page && <FirstVisitHint page={page} />}
    </>
  );
}
