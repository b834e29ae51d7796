import { IDBFactory } from 'fake-indexeddb';
import { Window } from 'happy-dom';
import { type Environment, populateGlobal } from 'vitest/runtime';

/** A DOM without a browser. `fetch`, `Request`, `AbortSignal` and `URL` stay those of Node, so requests are real. */
export default {
  name: 'dom',
  viteEnvironment: 'client',
  setup(global) {
    const window = new Window({
      url: 'http://console.test/',
      width: 1280,
      height: 800,
      // The router navigates; a link that leaves the console leads nowhere.
      settings: { navigation: { disableMainFrameNavigation: true } },
    });
    // CSS does not apply here, so a search by role only needs an element's own styles.
    window.getComputedStyle = ((element: HTMLElement) => element.style) as never;
    // The outbox needs them; happy-dom has none.
    Object.defineProperty(window.navigator, 'locks', { value: navigator.locks });
    Object.defineProperty(global, 'indexedDB', { value: new IDBFactory(), configurable: true });
    const { keys, originals } = populateGlobal(global, window, { bindFunctions: true });
    return {
      async teardown() {
        await window.happyDOM.close();
        for (const key of keys) delete global[key];
        for (const [key, descriptor] of originals) Object.defineProperty(global, key, descriptor);
      },
    };
  },
} satisfies Environment;
