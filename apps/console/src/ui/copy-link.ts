import { linkParameters } from '#state/link-parameters.ts';
import { copyText } from './copy-text.ts';
import { uiTexts } from './texts.ts';

/** Copies a link to what is on screen: filters, order and the row are part of the address, the columns are added. */
export function copyLink(): void {
  const url = new URL(location.href);
  for (const [name, value] of Object.entries(linkParameters.get())) url.searchParams.set(name, value);
  void copyText(url.href, uiTexts.link);
}
