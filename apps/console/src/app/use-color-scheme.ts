import { useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { appTexts } from './texts.ts';

const schemes = {
  dark: { next: 'light', Icon: IconMoon },
  light: { next: 'auto', Icon: IconSun },
  auto: { next: 'dark', Icon: IconDeviceDesktop },
} as const;

/** The theme, and a function that switches to the next one. */
export function useColorScheme() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, Icon } = schemes[colorScheme];
  return { name: appTexts.schemes[colorScheme], Icon, change: () => setColorScheme(next) };
}
