/** A number as people type it, with a point or a comma before its decimals; undefined: the text is not a number. */
export function readDecimal(text: string): number | undefined {
  const plain = text.trim();
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(plain) ? Number(plain.replace(',', '.')) : undefined;
}
