import { setTimeout as sleep } from 'node:timers/promises';
import { type Transmission, TransmissionError } from '@at/adapters/transmission';
import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';
import { findDownloads, hasDownloads, markDownloaded } from '../queries.ts';

const NoParameters = Type.Object({});

/** Milliseconds that an attempt watches before the next one goes on. */
const shift = 20 * 3_600_000;

/**
 * Moves items from downloading to downloaded when Transmission has all of their data; ends when nothing is downloading. `pause`:
 * milliseconds between two looks.
 */
export const watchOf = (pause: number) =>
  defineTask<{ transmission: Transmission }, typeof NoParameters>({
    name: 'media.download_watch',
    title: 'Watch the downloads in Transmission',
    // It waits for as long as something downloads, and needs no more than a look at a time.
    queue: 'long',
    params: NoParameters,
    timeout: 22 * 3_600,
    exclusive: 'join',
    needs: ({ transmission }) => (transmission.configured ? [] : ['REAR_DIFF_TRANSMISSION_HOST']),
    isDue: hasDownloads,
    async run(_parameters, { adapters: { transmission }, db, log, signal, progress, checkpoint, finish, again }) {
      const began = performance.now();
      let downloaded = 0;
      let failure: string | undefined;
      for (;;) {
        const downloads = await findDownloads(db);
        if (downloads.length === 0 && !(await hasDownloads(db))) break;
        let left = downloads.length;
        try {
          const finished = new Set(await transmission.finished(downloads.flatMap(({ torrents }) => torrents)));
          if (failure !== undefined) log.info('Transmission replies again.');
          failure = undefined;
          for (const download of downloads.filter(({ torrents }) => torrents.some((hash) => finished.has(hash)))) {
            // Another program may have changed it, or be changing it: the next look finds what is left.
            if (!(await checkpoint((trx) => markDownloaded(trx, download)))) continue;
            downloaded += 1;
            left -= 1;
            log.info({ hash: download.hash }, 'Downloaded.');
          }
        } catch (error) {
          if (!(error instanceof TransmissionError)) throw error;
          // One line for an outage, however long it is.
          if (failure !== error.message) log.warn(error.message);
          failure = error.message;
        }
        progress({ done: downloaded, unit: 'downloads', ...(failure !== undefined && { message: failure }) });
        if (performance.now() - began > shift) return again(0);
        // Else it may have been the last one.
        if (left > 0 || downloads.length === 0) await sleep(pause, undefined, { signal });
      }
      await finish({ downloaded });
    },
  });

export const downloadWatch = watchOf(20_000);
