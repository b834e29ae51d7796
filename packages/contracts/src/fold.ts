/** The words of a text as readers compare them; the same as `console.fold` in the database, which decides what a search finds. */

const accents =
  / ?[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+|[\u00ad\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670]|[\u180b-\u180e]|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\ufe00-\ufe0f]/g;
const apostrophes = /['`\u02b9\u02bb\u02bc\u02bd\u2018\u2019\u201b\u2032]/g;
const punctuation =
  /(?:[^a-z0-9\u0080-\uffff]|[\u0080-\u00bf\u00d7\u00f7\u055a-\u055f\u0589\u058a\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d\u303f\u30a0\u30fb\ufe10-\ufe6f\uff00-\uff0f\ufff9-\uffff])+/g;
/** With small letters between them. */
const capitals = /[A-Z\u00c6\u00de\u0152\u018f\u0391-\u03a9\u0400-\u052e\u0531-\u0556\u1c90-\u1cba]/g;
const plain: Record<string, string> = {
  ...{ Đ: 'd', đ: 'd', Ð: 'd', ð: 'd', Ħ: 'h', ħ: 'h', ı: 'i', Ł: 'l', ł: 'l', Ŋ: 'n', ŋ: 'n' },
  ...{ Ø: 'o', ø: 'o', Ŧ: 't', ŧ: 't', ς: 'σ', ẞ: 'ss', ß: 'ss', æ: 'ae', œ: 'oe', þ: 'th' },
};

/** Letters and digits in lower case without accents, one space between words. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(accents, '')
    .replace(capitals, (letter) => letter.toLowerCase())
    .replace(apostrophes, '')
    .replace(/[ĐđÐðĦħıŁłŊŋØøŦŧςẞßæœþ]/g, (letter) => plain[letter] as string)
    .replace(punctuation, ' ')
    .trim();
}

/** As `fold`, without spaces: what a search compares, so that "spiderman" finds "Spider-Man". */
export const foldTight = (text: string): string => fold(text).replaceAll(' ', '');
