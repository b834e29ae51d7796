import { type ComponentType, lazy } from 'react';
import { refreshServerInfo } from '#api/server-info.ts';
import { untilConnected } from '#state/connection.ts';

/**
 * Loads code; during an outage it waits for the API, which serves it. Throws if the server no longer has the code, because it
 * belongs to an older build.
 */
export async function loadCode<Module>(read: () => Promise<Module>): Promise<Module> {
  for (let isSecond = false; ; ) {
    try {
      return await read();
    } catch (error) {
      if (!(await refreshServerInfo())) await untilConnected();
      else if (isSecond) throw error;
      else isSecond = true;
    }
  }
}

/**
 * A part of a page whose code loads at its first render. During an outage the page shows without it; it loads afterwards.
 */
export function lazyPart<
  Name extends string,
  // biome-ignore lint/suspicious/noExplicitAny: the same as in React's own lazy
  Module extends { [name in Name]: ComponentType<any> },
>(read: () => Promise<Module>, name: Name) {
  return lazy(async () => ({ default: (await loadCode(read))[name] }));
}
