import { defineTask } from '@at/runs/task';
import { Type } from 'typebox';

const Parameters = Type.Object({});

/** The shortest step: a line in its log, and its end. */
export const short = (onBegin: () => void = () => {}) =>
  defineTask<object, typeof Parameters>({
    name: 'bench.short',
    title: 'A short step',
    queue: 'short',
    params: Parameters,
    retries: [],
    timeout: 60,
    async run(_params, { log, finish }) {
      onBegin();
      log.info('It begins');
      await finish();
    },
  });
