import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Status } from './status.tsx';

/** What is good to know beside something else. */
export const Aside = ({ children }: { children: ReactNode }) => (
  <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
    {children}
  </Text>
);

/** That a step failed, and why. */
export const Failed = ({ title, children }: { title: string; children: ReactNode }) => (
  <>
    <Status tone="bad">{title}</Status>
    <Aside>{children}</Aside>
  </>
);
