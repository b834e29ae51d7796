import { Group, Kbd, Modal, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { globalGroup, type KeyBinding, type KeyGroup, keyCap, keyGroups, letterKeys } from '#keys/bindings.ts';
import { useStore } from '#state/store.ts';
import { none } from '#ui/format.ts';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { appTexts } from './texts.ts';

const texts = appTexts.keyList;

function Row({ binding }: { binding: KeyBinding }) {
  return (
    <Table.Tr>
      <Table.Td {...(binding.idle && { c: 'dimmed' })}>
        {binding.label}
        {binding.idle && <Text size="xs">{binding.idle}</Text>}
      </Table.Td>
      <Table.Td ta="right">
        <Group gap={6} justify="flex-end">
          {binding.keys.length === 0 && none}
          {binding.keys.map((key) => (
            <Kbd key={key} style={{ whiteSpace: 'nowrap' }}>
              {keyCap(key)}
            </Kbd>
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** The page's own keys come first. */
const globalLast = (left: KeyGroup, right: KeyGroup) =>
  Number(left.title === globalGroup) - Number(right.title === globalGroup);

/** Merges groups of the same title. */
function byTitle(groups: KeyGroup[]): KeyGroup[] {
  const titles = [...new Set(groups.map(({ title }) => title))];
  return titles.map((title) => ({
    title,
    bindings: groups.filter((group) => group.title === title).flatMap(({ bindings }) => bindings),
  }));
}

/** The keys of the current page. */
export function KeyList() {
  const [opened, close] = useOpenOnMount();
  const groups = useStore(keyGroups);
  const letters = useStore(letterKeys);
  return (
    <Modal opened={opened} onClose={close} title={texts.title} size="md">
      <Stack gap="lg">
        {byTitle(groups)
          .toSorted(globalLast)
          .map(({ title, bindings }) => (
            <section key={title}>
              <Title order={3} mb={4}>
                {title}
              </Title>
              <Table verticalSpacing={6}>
                <Table.Tbody>
                  {bindings.map((binding) => (
                    <Row key={binding.label} binding={binding} />
                  ))}
                </Table.Tbody>
              </Table>
            </section>
          ))}
        <Switch
          checked={letters}
          onChange={(event) => letterKeys.set(event.currentTarget.checked)}
          label={texts.letters}
          description={texts.lettersHint}
        />
        {!letters && (
          <Text size="sm" c="dimmed">
            {texts.lettersOff}
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
