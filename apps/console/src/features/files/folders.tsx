import { makeFileRoots } from '@at/contracts/file-roots';
import type { FileStorage } from '@at/contracts/files';
import { Group } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useRefusal } from '#api/session.ts';
import { Confirm } from '#live/confirm.tsx';
import { Aside } from '#ui/aside.tsx';
import { Fact, Facts } from '#ui/facts.tsx';
import { formatBytes, formatInteger } from '#ui/format.ts';
import { ReasonButton } from '#ui/reason-button.tsx';
import { Status, type Tone } from '#ui/status.tsx';
import { setUp } from './actions.ts';
import { PagePart } from './part.tsx';
import { filesTexts as texts } from './texts.ts';

const tones: Record<FileStorage['state'], Tone> = {
  ready: 'good',
  unset: 'neutral',
  missing: 'warning',
  unmade: 'warning',
  held: 'bad',
  absent: 'bad',
  unreachable: 'bad',
};

/** What a person can do about a state. */
type Act = 'make' | 'create' | 'accept';
const acts: { [state in FileStorage['state']]?: Act } = {
  missing: 'create',
  unmade: 'make',
  held: 'accept',
  absent: 'accept',
};

function Space({ files, size_bytes, free_bytes, total_bytes }: FileStorage) {
  const parts = [
    files > 0 && texts.filesAndBytes(files, formatInteger(files), formatBytes(size_bytes)),
    free_bytes !== null && total_bytes !== null && texts.free(formatBytes(free_bytes), formatBytes(total_bytes)),
  ];
  return <span>{parts.filter((part) => part !== false).join(' · ')}</span>;
}

/** The folders of the configuration: whether they can be used, what is in them, and the free space. */
export function Folders({ storage, isNext }: { storage: readonly FileStorage[]; isNext: boolean }) {
  const refusal = useRefusal(makeFileRoots.config.role) ?? undefined;
  const [asked, setAsked] = useState<{ folder: FileStorage; act: 'create' | 'accept' } | null>(null);
  const unmade = storage.filter(({ state }) => state === 'unmade').map(({ place }) => place);
  const start = (act: Act, { place }: FileStorage) =>
    setUp({ places: [place], ...(act === 'create' && { create: true }), ...(act === 'accept' && { accept: [place] }) });
  const look = { size: 'compact-sm', reason: refusal, ...(isNext && { variant: 'filled' }) };
  const setUpAll = unmade.length > 1 && (
    <ReasonButton {...look} onClick={() => void setUp({ places: unmade })}>
      {texts.setUp.all}
    </ReasonButton>
  );
  return (
    <PagePart id="folders" title={texts.folders} tools={setUpAll}>
      <Facts>
        {storage.map((folder) => {
          const { place, path, state, message } = folder;
          const act = acts[state];
          const name = texts.places[place];
          return (
            <Fact key={place} name={name}>
              <Group gap="2px 14px">
                <div style={{ flex: '1 1 200px', minWidth: 0 }}>
                  {path === null ? <Link to="/files/config">{texts.choose(name)}</Link> : <code>{path}</code>}
                  {message !== null && state !== 'missing' && <Aside>{message}</Aside>}
                </div>
                {folder.root_id !== null && <Space {...folder} />}
                <Status tone={tones[state]}>{texts.states[state]}</Status>
                {act && (
                  <ReasonButton
                    {...look}
                    aria-label={texts.setUp.actionOn(texts.setUp[act], name)}
                    onClick={() => (act === 'make' ? void start(act, folder) : setAsked({ folder, act }))}
                  >
                    {texts.setUp[act]}
                  </ReasonButton>
                )}
              </Group>
            </Fact>
          );
        })}
      </Facts>
      {unmade.length > 0 && <Aside>{texts.setUp.explain}</Aside>}
      {asked && (
        <Confirm
          {...texts.setUp.questions[asked.act]}
          about={asked.folder.path ?? ''}
          onClose={() => setAsked(null)}
          onConfirm={() => void start(asked.act, asked.folder)}
        />
      )}
    </PagePart>
  );
}
