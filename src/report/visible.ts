/**
 * Text from outside, safe to look at: control characters (terminal escapes among them), bidi marks and other characters
 * that cannot be seen are spelt out (`\u{202e}`), line breaks become spaces, lone surrogates become U+FFFD.
 */
export const visible = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\t\n\r]+/g, ' ')
    .replace(
      /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    )

/** At most `length` characters, the last one an ellipsis where something was cut. */
export function shorten(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
