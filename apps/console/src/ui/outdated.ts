import { uiTexts as texts } from './texts.ts';

/** The server no longer has the code that is wanted: this tab runs an older build. */
export class Outdated extends Error {
  override name = 'Outdated';
  constructor(cause: unknown) {
    super(texts.outdatedText, { cause });
  }
}
