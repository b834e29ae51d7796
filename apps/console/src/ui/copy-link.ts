import { copyText } from './copy-text.ts';
import { uiTexts } from './texts.ts';

/** Copies a link to what is on screen: the address has its filters, order, columns and row. */
export const copyLink = () => void copyText(location.href, uiTexts.link);
