import { type Transmission, TransmissionError } from '@at/adapters/transmission';
import { defineTask } from '@at/runs/task';
import { OfIntent, roleOfIntent, settle } from '../../intents/settle.ts';
import { addTorrents, removeTorrent, revertApproval } from '../torrents.ts';

/** Why nothing can be asked of Transmission at the moment. A refusal of one torrent is a failure instead. */
async function transmissionObstacle({ transmission }: { transmission: Transmission }): Promise<Error | undefined> {
  try {
    await transmission.present([]);
    return undefined;
  } catch (error) {
    if (error instanceof TransmissionError) return error;
    throw error;
  }
}

/** Does in Transmission what an approval, a removal or an undo has left to do. */
export const torrent = defineTask<{ transmission: Transmission }, typeof OfIntent>({
  name: 'media.torrent',
  title: 'Add or remove a torrent in Transmission',
  queue: 'network',
  params: OfIntent,
  role: roleOfIntent,
  retries: [30, 60, 300, 900],
  timeout: 300,
  needs: ({ transmission }) => (transmission.configured ? [] : ['REAR_DIFF_TRANSMISSION_HOST']),
  obstacle: transmissionObstacle,
  run: (params, context) =>
    settle(params, context, async (intent) => {
      const { db, log } = context;
      const { transmission } = context.adapters;
      switch (intent.action) {
        case 'remove_torrent':
          return (await removeTorrent(db, transmission, intent, log)).warning;
        case 'add_torrent':
          return (await addTorrents(db, transmission, intent, log)).problem;
        case 'approve':
          return revertApproval(db, transmission, intent, log);
        default:
          throw new Error(`The intent ${intent.action} does not concern Transmission.`);
      }
    }),
});
