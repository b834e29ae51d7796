import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Replaces missing content: why it is missing, and what to do. */
export function EmptyState({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py={64} px="md" ta="center" role="status" style={{ overflowWrap: 'anywhere' }}>
      <Title order={2} size="h1">
        {title}
      </Title>
      {text && (
        <Text c="dimmed" maw={520}>
          {text}
        </Text>
      )}
      {children}
    </Stack>
  );
}
