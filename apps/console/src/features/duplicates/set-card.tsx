import type { DuplicateFile, DuplicateSet, FileDifference, KeptFile } from '@at/contracts/duplicates';
import { keepDuplicate } from '@at/contracts/duplicates';
import { Badge, Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { memo, type ReactNode } from 'react';
import { useRefusal } from '#api/session.ts';
import { isPictured, kindIcons, Preview } from '#files/thumbnail.tsx';
import { KeyHint } from '#keys/key-hint.tsx';
import { useStore } from '#state/store.ts';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatBytes, formatInteger, formatMoment } from '#ui/format.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { type Choice, folderOf, keepRefusal, nameOf, writing } from './acts.ts';
import { duplicatesKeys } from './keys.ts';
import { duplicatesTexts as texts } from './texts.ts';

export const cardId = (set: string) => `set-${set}`;

/** Of a set whose files have pictures. */
const Picture = ({ set: { kind }, file }: { set: DuplicateSet; file: KeptFile }) =>
  isPictured(kind) && (
    <div style={{ marginBottom: 'var(--mantine-spacing-xs)' }}>
      <Preview file={{ id: file.id, kind, version: file.modified_at }} name={nameOf(file)} edge={128} />
    </div>
  );

/** A value, marked if it tells the file apart from the one that is kept. */
const Marked = ({ differs, children }: { differs: boolean; children: ReactNode }) =>
  differs ? (
    <mark style={{ background: 'var(--mantine-color-yellow-light)', color: 'inherit', borderRadius: 3 }}>
      {children}
      <VisuallyHidden> ({texts.differs})</VisuallyHidden>
    </mark>
  ) : (
    children
  );

const breaking = { overflowWrap: 'anywhere' } as const;
const wrapping = { whiteSpace: 'normal' } as const;

/** What is known of a file; `differs`: in what it is not like the kept one. */
function FileFacts({ file, differs = [] }: { file: KeptFile; differs?: readonly FileDifference[] }) {
  const is = (name: FileDifference) => differs.includes(name);
  const folder = folderOf(file);
  return (
    <Facts look="plain">
      <Fact name={texts.name}>
        <Marked differs={is('name')}>
          <bdi style={breaking}>{nameOf(file)}</bdi>
        </Marked>
      </Fact>
      <Fact name={texts.folder}>
        <Marked differs={is('folder')}>
          <bdi style={breaking}>{folder === '' ? texts.top : folder}</bdi>
        </Marked>{' '}
        <Text span size="sm" c="dimmed" style={breaking}>
          {texts.in(file.root)}
        </Text>
      </Fact>
      <Fact name={texts.modified}>
        <Marked differs={is('modified')}>
          <time dateTime={file.modified_at} style={wrapping}>
            {formatMoment(file.modified_at)}
          </time>
        </Marked>
      </Fact>
      {file.captured_at !== null && (
        <Fact name={texts.captured}>
          <Marked differs={is('captured')}>{file.captured_at.replace('T', ' ')}</Marked>
        </Fact>
      )}
      {(file.companions > 0 || is('companions')) && (
        <Fact name={texts.together}>
          <Marked differs={is('companions')}>
            {texts.companions(file.companions, formatInteger(file.companions))}
          </Marked>
        </Fact>
      )}
    </Facts>
  );
}

const frame = (color: string) => ({
  border: `1px solid ${color}`,
  borderRadius: 'var(--mantine-radius-md)',
  padding: 'var(--mantine-spacing-sm)',
  background: 'var(--surface)',
  minWidth: 0,
});
const colors = { current: 'var(--mantine-primary-color-filled)', other: 'var(--line)' };

function Duplicate({
  set,
  file,
  nth,
  isCurrent,
  onChoose,
}: {
  set: DuplicateSet;
  file: DuplicateFile;
  nth: number;
  isCurrent: boolean;
  onChoose: (choice: Choice, set: DuplicateSet, file: DuplicateFile) => void;
}) {
  const refusal = useRefusal(keepDuplicate.config.role) ?? undefined;
  const isWriting = useStore(writing).has(file.id);
  const name = nameOf(file);
  const wasFolder = file.moved_from?.slice(0, Math.max(0, file.moved_from.lastIndexOf('/')));
  return (
    <li style={frame(isCurrent ? colors.current : colors.other)} aria-current={isCurrent || undefined}>
      <Group gap="xs" mb="xs">
        <Text fw={600}>{texts.duplicate(formatInteger(nth))}</Text>
        {file.moved_from !== null && <Badge variant="light">{texts.moved}</Badge>}
      </Group>
      <Picture set={set} file={file} />
      <FileFacts file={file} differs={file.differs} />
      {file.moved_from !== null && (
        <Text size="sm" mt="xs" style={breaking}>
          {texts.movedFrom} <bdi>{wasFolder === '' ? texts.top : wasFolder}</bdi> {texts.in(file.moved_from_root ?? '')}
        </Text>
      )}
      {file.is_linked && (
        <Text size="sm" mt="xs">
          {texts.linked}
        </Text>
      )}
      <Group gap="xs" mt="sm">
        <ReasonButton
          size="xs"
          reason={refusal ?? keepRefusal(set)}
          loading={isWriting}
          aria-label={`${texts.keep}: ${name}`}
          rightSection={isCurrent && <KeyHint of={duplicatesKeys} name="keep" size="xs" />}
          onClick={() => onChoose('keep', set, file)}
        >
          {texts.keep}
        </ReasonButton>
        <ReasonButton
          size="xs"
          variant="subtle"
          reason={refusal}
          loading={isWriting}
          rightSection={isCurrent && <KeyHint of={duplicatesKeys} name="own" size="xs" />}
          aria-label={`${file.moved_from === null ? texts.own : texts.moveBack}: ${name}`}
          onClick={() => onChoose('restore', set, file)}
        >
          {file.moved_from === null ? texts.own : texts.moveBack}
        </ReasonButton>
      </Group>
    </li>
  );
}

/** A set: the file that is kept, and its duplicates beside it. */
export const SetCard = memo(function SetCard({
  set,
  current,
  onCurrent,
  onChoose,
  onMore,
}: {
  set: DuplicateSet;
  /** The duplicate that keys act on, if they act on this set. */
  current: number | null;
  onCurrent: (set: string) => void;
  onChoose: (choice: Choice, set: DuplicateSet, file: DuplicateFile) => void;
  onMore: (set: DuplicateSet) => void;
}) {
  const { keeper, duplicates, files } = set;
  const Icon = kindIcons[set.kind];
  const id = cardId(`${set.id}`);
  return (
    <article
      id={id}
      tabIndex={-1}
      aria-labelledby={`${id}-name`}
      onFocus={() => current === null && onCurrent(`${set.id}`)}
      style={{ ...frame(current === null ? colors.other : colors.current), scrollMarginTop: 80 }}
    >
      <Group gap="xs" mb="sm">
        <Icon size={20} stroke={1.8} aria-hidden />
        <Text component="h2" size="md" fw={600} id={`${id}-name`} style={{ ...breaking, flex: '1 1 12rem' }}>
          <bdi>{nameOf(keeper)}</bdi>
        </Text>
        <Text size="sm" c="dimmed">
          {texts.heading(files, formatInteger(files), formatBytes(set.size))}
        </Text>
        <Text size="sm" fw={600}>
          {set.saving > 0 ? texts.saving(formatBytes(set.saving)) : texts.noSaving}
        </Text>
      </Group>
      <ul
        style={{
          display: 'grid',
          gridTemplateColumns: 'repeat(auto-fill, minmax(min(17rem, 100%), 1fr))',
          gap: 'var(--mantine-spacing-sm)',
          listStyle: 'none',
          margin: 0,
          padding: 0,
        }}
      >
        <li style={frame(colors.other)}>
          <Group gap="xs" mb="xs">
            <Text fw={600}>{texts.kept}</Text>
            <Badge variant="light" color="green">
              {texts.statuses[keeper.status] ?? keeper.status}
            </Badge>
          </Group>
          <Picture set={set} file={keeper} />
          <FileFacts file={keeper} />
        </li>
        {duplicates.map((file, index) => (
          <Duplicate
            key={file.id}
            set={set}
            file={file}
            nth={index + 1}
            isCurrent={current === index}
            onChoose={onChoose}
          />
        ))}
      </ul>
      {duplicates.length < files && (
        <Button size="xs" variant="subtle" mt="sm" onClick={() => onMore(set)}>
          {texts.more(formatInteger(files))}
        </Button>
      )}
    </article>
  );
});
