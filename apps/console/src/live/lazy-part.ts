import { type ComponentProps, type ComponentType, createElement, use, useEffect } from 'react';
import { ApiUnreachable } from '#api/call.ts';
import { isAnswering } from '#api/is-answering.ts';
import { untilConnected } from '#state/connection.ts';
import { createStore, useStore } from '#state/store.ts';
import { NotLoaded } from '#ui/not-loaded.tsx';
import { notifyError } from '#ui/notify.tsx';
import { Outdated } from '#ui/outdated.ts';
import { uiTexts as texts } from '#ui/texts.ts';
import { whenIdle } from '#ui/when-idle.ts';

/** Code that loads after its page. The API serves it, so it may be gone when it is needed: it is loaded early. */

/** The messages of browsers for code that did not arrive. */
const didNotArrive = /dynamically imported module|module script|preload CSS/i;

/**
 * Loads code. Throws `ApiUnreachable` during an outage of the API, and `Outdated` if the API answers but no longer has the
 * code, because it belongs to an older build.
 */
export async function readCode<Module>(read: () => Promise<Module>): Promise<Module> {
  for (let isSecond = false; ; isSecond = true) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Error && didNotArrive.test(error.message))) throw error;
      if (!(await isAnswering())) throw new ApiUnreachable(texts.waits, { cause: error });
      // The API may have been back just after the first attempt.
      if (isSecond) throw new Outdated(error);
    }
  }
}

/** Loads code; during an outage it waits for the API. `onWait` learns why it waits. */
export async function loadCode<Module>(
  read: () => Promise<Module>,
  onWait: (reason: ApiUnreachable) => void = () => {},
): Promise<Module> {
  for (;;) {
    try {
      return await readCode(read);
    } catch (error) {
      if (!(error instanceof ApiUnreachable)) throw error;
      const isBack = untilConnected();
      onWait(error);
      await isBack;
    }
  }
}

/** Code of the pages in use that has not loaded yet; null once it loads as soon as it is added. */
let early: (() => Promise<unknown>)[] | null = [];
let latest: Promise<unknown> = whenIdle;

/** Loads code when the browser has nothing else to do, one part after the other. */
export function loadEarly(read: () => Promise<unknown>): void {
  if (early) early.push(read);
  else {
    const own = latest.then(read).catch(() => {});
    latest = own;
    // For journeys, which stop the API.
    void own.then(() => {
      if (latest === own) document.documentElement.dataset.code = 'loaded';
    });
  }
}

/** Starts to load early; called once. Without it, code loads when it is needed. */
export function startLoadingEarly(): void {
  const waiting = early ?? [];
  early = null;
  for (const read of waiting) loadEarly(read);
}

type Look = 'part' | 'dialog';

/** Says why a dialog does not open; it opens once its code is there. */
function NotOpened({ reason }: { reason: Error }) {
  useEffect(() => {
    if (reason instanceof Outdated)
      notifyError(texts.outdated, texts.outdatedText, () => location.reload(), texts.reload);
    else notifyError(texts.notLoaded, reason);
  }, [reason]);
  return null;
}

/**
 * A part of a page, or a dialog, whose code loads early or at its first render. If that fails, it says so in place, and
 * during an outage it shows as soon as the API is back.
 */
export function lazyPart<
  Name extends string,
  // biome-ignore lint/suspicious/noExplicitAny: the same as in React's own lazy
  Module extends { [name in Name]: ComponentType<any> },
>(read: () => Promise<Module>, name: Name, look: Look = 'part'): ComponentType<ComponentProps<Module[Name]>> {
  const shown = createStore<ComponentType<ComponentProps<Module[Name]>> | null>(null);
  const failure = createStore<Error | null>(null);
  /** Settles when there is something to show: the part, or why it is missing. */
  let isReady: Promise<unknown> | undefined;
  const load = () => {
    isReady ??= new Promise<void>((resolve) => {
      const fail = (reason: unknown) => {
        failure.set(reason instanceof Error ? reason : new Error(String(reason)));
        resolve();
      };
      loadCode(read, fail).then((module) => {
        shown.set(() => module[name]);
        resolve();
      }, fail);
    });
    return isReady;
  };
  loadEarly(load);
  return function LazyPart(props: ComponentProps<Module[Name]>) {
    const Shown = useStore(shown);
    const reason = useStore(failure);
    if (Shown) return createElement(Shown, props);
    if (reason === null) use(load());
    if (reason === null) return null;
    return createElement(look === 'dialog' ? NotOpened : NotLoaded, { reason });
  };
}
