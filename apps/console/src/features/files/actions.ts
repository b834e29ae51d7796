import type { BodyOf } from '@at/contracts/endpoint';
import { makeFileRoots } from '@at/contracts/file-roots';
import { startDedup } from '@at/contracts/files';
import { call } from '#api/call.ts';
import { nextWriteId } from '#api/write-id.ts';
import { write } from '#live/write.ts';
import { notify, notifyError } from '#ui/notify.tsx';
import { filesTexts as texts } from './texts.ts';

/** Starts a scan of the inbox; `acceptMissing`: also if more than half of the known files are gone. */
export async function startScan(acceptMissing = false): Promise<void> {
  await write('files', texts.scan.notStarted, async () => {
    const body = acceptMissing ? { accept_missing: true } : {};
    const { data } = await call(startDedup, { body, idempotencyKey: nextWriteId() });
    if (!data.started) notify(texts.scan.running);
  });
}

/** Sets up folders, and says which are ready and why others are not. */
export async function setUp(body: BodyOf<typeof makeFileRoots>): Promise<void> {
  await write('files', texts.setUp.failed, async () => {
    const { roots } = (await call(makeFileRoots, { body, idempotencyKey: nextWriteId() })).data;
    const done = roots.filter(({ result }) => result === 'made' || result === 'accepted');
    if (done.length > 0) notify(texts.setUp.done(done.map(({ place }) => texts.places[place]).join(', ')));
    for (const { place, message } of roots)
      if (message !== null) notifyError(texts.setUp.notDone(texts.places[place]), new Error(message));
  });
}
