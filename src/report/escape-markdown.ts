import {shorten, visible} from './visible.ts'

// Everywhere; a colon only where it could begin an emoji or an address; dashes and numbers only where they begin a list.
const markup = /[\\`*_{}[\]<>#|~&$@!]|:(?=\S)|^[-+=]|^\d+[.)]|(?<=GH)-(?=\d)|(?<=www)\./gi

/**
 * Text from outside as GitHub shows it: one line, no markup of its own, nobody mentioned, nothing linked. What Markdown
 * or HTML could read as markup becomes a character reference; a zero-width space parts what GitHub links afterwards
 * (@name, #1, GH-1). At most `length` characters of the original.
 */
export const escapeMarkdown = (text: string, length = 400): string =>
  shorten(visible(text).trim(), length)
    .replace(markup, (match) => match.replace(/\W|_/g, (character) => `&#${character.charCodeAt(0)};`))
    .replace(/&#(?:64|35);(?=[\w-])|(?<=GH)&#45;/gi, (match) => `${match}&#8203;`)

/** The same set as code. HTML's element, because a code span ends where the text says so. */
export const codeMarkdown = (text: string, length = 200): string =>
  `<code>${escapeMarkdown(text, length)}</code>`
