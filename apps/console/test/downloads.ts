import { vi } from 'vitest';

/** The next file that the console saves: its name and text. */
export function nextDownload(): Promise<{ name: string; text: string }> {
  return new Promise((resolve) => {
    const create = vi.spyOn(URL, 'createObjectURL').mockImplementation((given) => {
      // The console clicks a link that is in no document.
      const click = vi.spyOn(HTMLElement.prototype, 'click').mockImplementation(function (this: HTMLElement) {
        create.mockRestore();
        click.mockRestore();
        void (given as Blob).text().then((text) => resolve({ name: (this as HTMLAnchorElement).download, text }));
      });
      return 'blob:file';
    });
  });
}
