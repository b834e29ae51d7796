import { Center, Loader } from '@mantine/core';

/** Until the first page's code and data are there. */
export function Loading() {
  return (
    <Center mih="100dvh">
      <Loader aria-label="Loading" />
    </Center>
  );
}
