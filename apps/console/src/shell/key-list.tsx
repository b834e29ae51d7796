import { Group, Kbd, Modal, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type KeyBinding, keyCap, keyGroups, letterKeys } from '#shared/keys.ts';
import { useStore } from '#shared/store.ts';

function Row({ binding }: { binding: KeyBinding }) {
  return (
    <Table.Tr>
      <Table.Td>{binding.label}</Table.Td>
      <Table.Td ta="right">
        <Group gap={6} justify="flex-end">
          {binding.keys.map((key) => (
            <Kbd key={key}>{keyCap(key)}</Kbd>
          ))}
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}

/** The keys of the page that is shown. */
export function KeyList() {
  const [opened, { close }] = useDisclosure(true);
  const groups = useStore(keyGroups);
  const letters = useStore(letterKeys);
  return (
    <Modal opened={opened} onClose={close} title="Keys of this page" size="md">
      <Stack gap="lg">
        {groups.toReversed().map(({ title, bindings }) => (
          <section key={title}>
            <Title order={3} size="h5" mb={4}>
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
          label="Single-letter keys"
          description="Switch off when speech input or another tool types into the page."
        />
        {!letters && (
          <Text size="sm" c="dimmed">
            Arrow keys and combinations with Ctrl or Cmd still work; this list stays in the command palette.
          </Text>
        )}
      </Stack>
    </Modal>
  );
}
