import { Badge, Button, Code, Drawer, Group, Stack, Text } from '@mantine/core';
import { type Call, calls, rowsOf } from '#api/call-log.ts';
import { useConfig } from '#api/config.ts';
import { useStore } from '#state/store.ts';
import { copyText } from '#ui/copy-text.ts';
import { formatDuration, formatInteger } from '#ui/format.ts';
import { RelativeTime } from '#ui/relative-time.tsx';
import { useOpenOnMount } from '#ui/use-open-on-mount.ts';
import { curlOf } from './curl.ts';
import { appTexts } from './texts.ts';

const texts = appTexts.callList;
const longestAnswer = 4_000;

function Entry({ call }: { call: Call }) {
  const { pathname, search } = new URL(call.url);
  const answer = JSON.stringify(call.answer, null, 1) ?? '';
  const rows = rowsOf(call);
  const { origin, prefix } = useConfig();
  return (
    <details>
      <summary style={{ cursor: 'pointer', overflowWrap: 'anywhere' }}>
        <Badge size="sm" variant="light" color={(call.status ?? 599) < 400 ? 'teal' : 'red'} mr={8}>
          {call.status ?? texts.noAnswer}
        </Badge>
        <Text span size="sm" ff="monospace">
          {call.method} {pathname + search}
        </Text>
      </summary>
      <Stack gap={6} my={8} pl="md">
        <Text size="xs" c="dimmed">
          <RelativeTime at={call.at.toISOString()} /> · {formatDuration(call.ms)}
          {rows !== undefined && ` · ${appTexts.apiLine.rows(rows)}`}
          {call.requestId && ` · ${texts.request(call.requestId)}`}
        </Text>
        {call.error && <Text size="sm">{call.error}</Text>}
        {call.body !== undefined && (
          <div>
            <Text size="xs" c="dimmed">
              {texts.sent}
            </Text>
            <Code block>{JSON.stringify(call.body, null, 1)}</Code>
          </div>
        )}
        {answer && (
          <div>
            <Text size="xs" c="dimmed">
              {texts.answered}
            </Text>
            <Code block mah={280} style={{ overflow: 'auto' }}>
              {answer.length > longestAnswer
                ? `${answer.slice(0, longestAnswer)}\n${texts.cutOff(formatInteger(answer.length))}`
                : answer}
            </Code>
          </div>
        )}
        <Group>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => void copyText(curlOf(call), appTexts.apiLine.command)}
          >
            {appTexts.apiLine.copyCurl}
          </Button>
          <Button
            component="a"
            size="compact-xs"
            variant="default"
            href={`${origin}${prefix}/docs${call.docs}`}
            target="_blank"
          >
            {appTexts.apiLine.openDocs}
          </Button>
        </Group>
      </Stack>
    </details>
  );
}

/** The last calls to the API, writes included, newest first. */
export function CallList() {
  const [opened, close] = useOpenOnMount();
  const list = useStore(calls);
  return (
    <Drawer opened={opened} onClose={close} position="right" size="lg" title={texts.title}>
      <Stack gap="sm">
        {list.map((call) => (
          <Entry key={call.id} call={call} />
        ))}
      </Stack>
    </Drawer>
  );
}
