import {html as tag, raw} from 'hono/html'
import type {HtmlEscapedString} from 'hono/utils/html'
import {visible} from '../visible.ts'

export type Html = HtmlEscapedString
export type Child = Html | string | number | null | undefined | false | readonly Child[]

/**
 * A page's only way to text: strings are made visible and escaped, markup comes from this tag alone. Nothing it is given
 * is a promise, so hono's tag answers at once.
 */
export const html = (strings: TemplateStringsArray, ...children: readonly Child[]): Html =>
  tag(strings, ...children.map(safe)) as Html

const safe = (child: Child): unknown =>
  typeof child === 'string' ? visible(child) : Array.isArray(child) ? child.map(safe) : child

/** Text that we wrote ourselves or that is escaped already: the style sheet and the charts. */
export const trusted = (text: string): Html => raw(text)

/** Words from outside, kept from turning the reading direction of those around them. */
export const outside = (text: string): Html => html`<bdi>${text}</bdi>`

/** Sentences from outside; a figure keeps its unit on its line. */
export const prose = (text: string): Html => outside(text.replace(/(\d) %/g, '$1\u00a0%'))

/** A name from outside, set as code. */
export const code = (text: string): Html => html`<code><bdi>${text}</bdi></code>`

/** A figure with its unit, never broken across lines. */
export const figure = (text: string): Html => html`<span class="n">${text}</span>`
