import { type ComponentType, lazy } from 'react';
import { refreshServerInfo } from '#api/server-info.ts';
import { untilConnected } from '#state/connection.ts';

/** Throws where the server is there and the code is not: it belongs to an older build. */
async function load<Module>(read: () => Promise<Module>): Promise<Module> {
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
 * A part of a page whose code comes when it is first drawn. While the server is away the page stands without it, and it
 * comes by itself afterwards.
 */
export function lazyPart<
  Name extends string,
  // biome-ignore lint/suspicious/noExplicitAny: as React's own lazy has it, whatever the component takes
  Module extends { [name in Name]: ComponentType<any> },
>(read: () => Promise<Module>, name: Name) {
  return lazy(async () => ({ default: (await load(read))[name] }));
}
