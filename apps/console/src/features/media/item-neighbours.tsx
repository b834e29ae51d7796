import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useLocation, useNavigate, useOutletContext } from 'react-router';
import { useKeyCap, useKeys } from '#keys/bindings.ts';
import { mediaDetailsKeys } from './keys.ts';
import { mediaTexts as texts } from './texts.ts';

/** What is behind the details of an item: the hashes of its page, and their place in the whole list; a board has none. */
export type Surroundings = {
  hashes: readonly string[];
  /** `22 of 42 in this list`, of the item at this index. */
  placeOf: (index: number) => string;
};

/** The way to the item before and after, in the list behind the details. */
export function ItemNeighbours({ hash }: { hash: string }) {
  const { hashes: order, placeOf } = useOutletContext<Surroundings>();
  const { search, state } = useLocation();
  const navigate = useNavigate();
  const index = order.indexOf(hash);
  const open = (to: string | undefined) => {
    if (index === -1 || to === undefined) return;
    // Closing the details still leads back to the list.
    void navigate({ pathname: `/media/${to}`, search }, { replace: true, state, preventScrollReset: true });
  };
  const caps = { previous: useKeyCap(mediaDetailsKeys, 'previous'), next: useKeyCap(mediaDetailsKeys, 'next') };
  const moves = { previous: order[index - 1], next: order[index + 1] };
  useKeys(mediaDetailsKeys, { previous: () => open(moves.previous), next: () => open(moves.next) });
  // Of a link to an item outside of the list.
  if (index === -1) return null;
  const button = (name: keyof typeof moves, icon: 'leftSection' | 'rightSection', Icon: typeof IconChevronLeft) => (
    <Button
      size="compact-sm"
      variant="default"
      {...{ [icon]: <Icon size={16} /> }}
      disabled={moves[name] === undefined}
      aria-label={texts.keys[name]}
      title={caps[name]}
      onClick={() => open(moves[name])}
    >
      {texts.neighbours[name]}
    </Button>
  );
  return (
    <Group justify="space-between" wrap="nowrap" gap="xs" mb="sm">
      {button('previous', 'leftSection', IconChevronLeft)}
      <Text size="xs" c="dimmed" ta="center">
        {placeOf(index)}
      </Text>
      {button('next', 'rightSection', IconChevronRight)}
    </Group>
  );
}
