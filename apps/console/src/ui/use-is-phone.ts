import { useMediaQuery } from '@mantine/hooks';

/** Whether the window is as narrow as the styles for phones expect. */
export const useIsPhone = () => useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
