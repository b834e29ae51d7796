import { Badge, Button, Code, Drawer, Group, Stack, Text } from '@mantine/core';
import { type Call, calls, rowsOf } from '#shared/calls.ts';
import { copyText } from '#shared/copy.ts';
import { formatDuration } from '#shared/format.ts';
import { Moment } from '#shared/moment.tsx';
import { useOpened } from '#shared/opened.ts';
import { useStore } from '#shared/store.ts';
import { curlOf } from './curl.ts';

const longestAnswer = 4_000;

function Entry({ call }: { call: Call }) {
  const { pathname, search } = new URL(call.url);
  const answer = JSON.stringify(call.answer, null, 1) ?? '';
  const rows = rowsOf(call);
  return (
    <details>
      <summary style={{ cursor: 'pointer', overflowWrap: 'anywhere' }}>
        <Badge size="sm" variant="light" color={(call.status ?? 599) < 400 ? 'teal' : 'red'} mr={8}>
          {call.status ?? 'no answer'}
        </Badge>
        <Text span size="sm" ff="monospace">
          {call.method} {pathname + search}
        </Text>
      </summary>
      <Stack gap={6} my={8} pl="md">
        <Text size="xs" c="dimmed">
          <Moment at={call.at.toISOString()} /> · {formatDuration(call.ms)}
          {rows !== undefined && ` · ${rows} rows`}
          {call.requestId && ` · request ${call.requestId}`}
        </Text>
        {call.error && <Text size="sm">{call.error}</Text>}
        {call.body !== undefined && <Code block>{JSON.stringify(call.body, null, 1)}</Code>}
        {answer && (
          <Code block mah={280} style={{ overflow: 'auto' }}>
            {answer.length > longestAnswer
              ? `${answer.slice(0, longestAnswer)}\n… ${answer.length} characters in all`
              : answer}
          </Code>
        )}
        <Group>
          <Button size="compact-xs" variant="default" onClick={() => void copyText(curlOf(call), 'Command')}>
            Copy as curl
          </Button>
        </Group>
      </Stack>
    </details>
  );
}

/** The last calls to the API, writes included, newest first. */
export function CallList() {
  const [opened, close] = useOpened();
  const list = useStore(calls);
  return (
    <Drawer opened={opened} onClose={close} position="right" size="lg" title="Last calls to the API">
      <Stack gap="sm">
        {list.map((call) => (
          <Entry key={call.id} call={call} />
        ))}
      </Stack>
    </Drawer>
  );
}
