/** Text from outside, safe for a terminal: control characters (escape sequences among them) and bidi marks are shown, not obeyed. */
export const printable = (text: string): string =>
  text.replace(
    // eslint-disable-next-line no-control-regex -- these are what must not reach a terminal
    /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** The same on one line: line breaks and what has no width are shown too, so that no text can pass for a line of ours. */
export const printableLine = (text: string): string =>
  printable(text).replace(
    /[\n\u200b-\u200d\u2028\u2029\u2060\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
